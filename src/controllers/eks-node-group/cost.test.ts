import { expect, test } from 'vitest'
import { type Price, costOf } from './cost.ts'

const usd = (instanceType: string, hourly: string, currency = 'USD'): Price => ({ instanceType, hourly, currency })
const list = [
  usd('m6i.large', '0.096'),
  usd('p5en.48xlarge', '63.2960'),
  usd('tiny', '0.000001'),
  usd('eu', '1', 'EUR'),
  usd('free', '0'),
  usd('dear', '999999999'),
]

const unknown = { basis: 'Unknown' }
const cost = (hourly: string, currency = 'USD') => ({ hourly, currency, basis: 'Override' })
const many = (type: string, n: number): readonly string[] => Array.from({ length: n }, () => type)

const cases: Record<string, [Parameters<typeof costOf>, object]> = {
  'one instance': [[list, ['m6i.large'], ['m6i.large']], cost('0.096')],
  'three times a tenth is not 0.30000000000000004': [[[usd('a', '0.1')], many('a', 3), ['a']], cost('0.3')],
  'a sum that is whole again': [[[usd('a', '0.25')], many('a', 4), ['a']], cost('1')],
  'several types': [[list, ['m6i.large', 'p5en.48xlarge', 'm6i.large'], []], cost('63.488')],
  'the smallest price a thousand times': [[list, many('tiny', 1000), ['tiny']], cost('0.001')],
  'a price of 0 is a price': [[list, ['free'], ['free']], cost('0')],
  'no instance of a type with a price': [[list, [], ['m6i.large']], cost('0')],
  'no instance and a currency that depends on the type': [[list, [], ['m6i.large', 'eu']], unknown],
  'no instance of a type without a price': [[list, [], ['c7i.large']], unknown],
  'no instance and no type': [[list, [], []], unknown],
  'a type without a price beside one with': [[list, ['m6i.large', 'c7i.large'], []], unknown],
  'an instance of which nobody knows the type': [[list, ['m6i.large', undefined], []], unknown],
  'two currencies': [[list, ['m6i.large', 'eu'], []], unknown],
  'another currency': [[list, ['eu', 'eu'], []], cost('2', 'EUR')],
  'no prices at all': [[[], ['m6i.large'], ['m6i.large']], unknown],
  'more than the field holds': [[list, [...many('dear', 900_000), 'tiny'], []], unknown],
}
test.each(Object.entries(cases))('%s', (_, [given, expected]) => {
  expect(costOf(...given)).toEqual(expected)
})
