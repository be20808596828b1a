/** The version of recvq: a result depends on it. Equal to package.json's, which a test checks. */
export const version = "0.1.0";
