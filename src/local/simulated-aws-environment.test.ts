import { expect, test } from 'vitest'
import { simulatedAwsEnvironment } from './simulated-aws-environment.ts'

test('nothing of the AWS account and the cluster at the keyboard comes through', () => {
  const hostile = {
    PATH: '/bin',
    KUBECONFIG: '/home/me/prod',
    AWS_PROFILE: 'prod',
    AWS_SESSION_TOKEN: 't',
    AWS_ACCESS_KEY_ID: 'AKIA',
    AWS_ENDPOINT_URL_EKS: 'https://real',
  }
  const own = simulatedAwsEnvironment(hostile, { endpoint: 'http://127.0.0.1:1', account: '111122223333' })
  expect(own).toMatchObject({ PATH: '/bin', AWS_ACCESS_KEY_ID: '111122223333', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' })
  expect(Object.keys(own).toSorted()).toEqual([
    'AWS_ACCESS_KEY_ID',
    'AWS_CONFIG_FILE',
    'AWS_EC2_METADATA_DISABLED',
    'AWS_ENDPOINT_URL',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SHARED_CREDENTIALS_FILE',
    'PATH',
  ])
})
