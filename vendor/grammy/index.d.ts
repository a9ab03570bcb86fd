export * from "grammy-whole";
