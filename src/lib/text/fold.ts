/** What people type, made alike where it means the same. */

/** All that looks like a dash as the hyphen that keyboards have; phones make – and — of two. */
export const unifyDashes = (text: string): string => text.replace(/[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D]/g, "-");

/** Letters without their marks and in lower case, so that `lampotila` finds `Lämpötila`. */
export const fold = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
