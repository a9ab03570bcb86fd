import { Secret, TOTP } from "otpauth";
import { encodeQR } from "qr";

/**
 * `npm run totp -- <user id>`: makes a secret for an admin's second factor, and shows it as the setting and as a QR code for an
 * authenticator app. Nothing is kept here.
 */

/** 160 bits, as RFC 4226 recommends. */
const SECRET_BYTES = 20;

const userId = process.argv[2] ?? "";
if (/^\d{1,15}$/.test(userId)) {
  const secret = new Secret({ size: SECRET_BYTES });
  const uri = new TOTP({ issuer: "Valvomo", label: userId, secret }).toString();
  process.stdout.write(
    `${encodeQR(uri, "ascii")}\nScan this with an authenticator app, then set (or add, after a comma)\n\n` +
      `  TELEGRAM_ADMIN_TOTP=${userId}:${secret.base32}\n\nand keep it out of other people's sight.\n`,
  );
} else {
  process.stderr.write("Whose? Write the admin's Telegram user id: npm run totp -- 12345678\n");
  process.exitCode = 2;
}
