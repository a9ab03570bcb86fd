export * from "grammy-whole/types";
