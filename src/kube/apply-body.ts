/**
 * The body of a server-side apply, which the API server reads as YAML: JSON is YAML but for characters that go-yaml refuses where they stand as they are, or
 * takes for the end of a line (go.yaml.in/yaml v2.4, readerc.go and yamlprivateh.go, `is_break`). Escaped it takes all of them.
 *
 * Strings are expected to be well formed: the escape of half a surrogate pair is refused however it is written.
 */
export function applyBody(body: object): string {
  return JSON.stringify(body).replaceAll(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
