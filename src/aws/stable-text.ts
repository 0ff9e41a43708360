const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'

/** What differs between two answers to the same fault, in the order in which it is taken out. */
const passing: readonly (readonly [RegExp, string])[] = [
  // "(Service: AmazonEC2; Status Code: 400; Error Code: InvalidSubnetID.NotFound; Request ID: d74e…; Proxy: null)"; also with commas, and the
  // v2 Java form "(Service: Eks, Status Code: 400, Request ID: …, Extended Request ID: …)".
  [/\s*\((?:Service|SDK Attempt Count)[:=][^()]*\)/gi, ''],
  // EC2: a new blob for each refusal.
  [/\s*Encoded authorization failure message:\s*[\w+/=-]+\.?/gi, ''],
  [/[\s,;]*\b(?:x-amzn?-)?(?:extended[ -]?)?(?:aws[ -]?)?(?:request|host|trace|activity|error)[ _-]?id["']?\s*(?:[:=]|\bis\b)\s*["']?[\w+/=-]+["']?/gi, ''],
  // A UUID that stands alone; one inside a name (eks-workers-54c1…) names a thing and stays.
  [new RegExp(`(?<![\\w/:.-])${uuid}(?![\\w/-]|[:.]\\w)`, 'gi'), ''],
]

/**
 * AWS' words without request ids and what else changes from answer to answer, so that the same fault gives the same text each time. A status that
 * held a request id would differ on each pass, be written each time and wake its own controller (aws/karpenter-provider-aws#133).
 */
export function stableText(text: string): string {
  let stable = text
  for (const [pattern, replacement] of passing) stable = stable.replace(pattern, replacement)
  return stable
    .replace(/\(\s*\)|\[\s*\]/g, '')
    .replace(/\s+/g, ' ')
    .replace(/\s+([.,;:])/g, '$1')
    .replace(/^[\s,;:.]+|[\s,;:]+$/g, '')
    .trim()
}
