/** `metav1.MicroTime` wants exactly six digits of a second (apimachinery, pkg/apis/meta/v1/micro_time.go); ours are milliseconds. */
export function microTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z')
}
