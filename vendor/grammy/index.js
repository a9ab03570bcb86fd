// oxlint-disable-next-line import/no-unassigned-import -- before the build is read
import "./without-storage.js";

export * from "grammy-whole/web";
