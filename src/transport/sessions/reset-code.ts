/** HTTP/2 error codes (RFC 9113, 7). */
export const ResetCode = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  CONNECT_ERROR: 10,
  ENHANCE_YOUR_CALM: 11,
  INADEQUATE_SECURITY: 12,
  HTTP_1_1_REQUIRED: 13,
} as const;

const names = Object.keys(ResetCode);

export function isResetCode(code: number): boolean {
  return code in names;
}

/** `REFUSED_STREAM` for 7, `0x1f` for a code that the RFC does not know. */
export function resetCodeName(code: number): string {
  return names[code] ?? `0x${code.toString(16)}`;
}
