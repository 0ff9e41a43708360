import { Command, CommanderError, Option } from 'commander'
import { defaultAwsRatesText } from '../aws/budgets.ts'
import { logLevels } from '../observability/logger.ts'
import {
  account,
  awsRates,
  clusterName,
  joinTargets,
  logLevel,
  namespace,
  once,
  passRoles,
  plainUsage,
  port,
  positive,
  region,
  targetRoles,
  user,
  whole,
} from './flags.ts'
import type { IamPolicyFlags } from './iam-policy-flags.ts'
import type { OperatorFlags } from './operator.ts'
import { fail, print, runUntilSignal } from './process.ts'
import { version } from './project-root.ts'
import type { DemoFlags } from './demo/flags.ts'
import type { SimulatorFlags } from './simulator.ts'

function logFlag(): Option {
  return new Option('--log-level <level>', `least level that is logged: ${logLevels.join(', ')}`).env('TIDEGATE_LOG_LEVEL').default('info').argParser(logLevel)
}

/** Everything but the flags is loaded by the subcommand that needs it: the operator carries no simulator in memory. */
function program(): Command {
  const root = new Command('tidegate')
    .description('Elastic node capacity on Amazon EKS, as a Kubernetes operator.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .configureOutput({ outputError: (text, write) => write(plainUsage(text)) })
    .exitOverride()
  root
    .command('operator')
    .description("Run the controllers. AWS is reached by the SDK's standard environment, AWS_ENDPOINT_URL included.")
    .addOption(new Option('--kubeconfig <path>', 'kubeconfig of the management cluster; in a pod its service account is used').env('KUBECONFIG'))
    .option('--context <name>', 'context of the kubeconfig; its current-context when absent')
    .addOption(
      new Option('--namespace <name>', 'release namespace: Lease, identity, and kubeconfig Secrets')
        .env('POD_NAMESPACE')
        .default('tidegate-system')
        .argParser(namespace),
    )
    .addOption(
      new Option('--health-port <port>', '/healthz, /readyz and /metrics; 0 takes any free one').env('TIDEGATE_HEALTH_PORT').default(8080).argParser(port),
    )
    .option('--health-host <address>', 'address that the health port listens on', '0.0.0.0')
    .addOption(
      new Option('--kube-qps <n>', 'calls a second to each API server, twice as many in a burst').default(200).argParser(positive('--kube-qps', 10_000)),
    )
    .addOption(
      new Option('--aws-rate <service=n[:burst]>', 'calls a second to an AWS service, and at once, such as eks=50 or eks=50:200; repeatable')
        .default([], defaultAwsRatesText())
        .argParser(awsRates),
    )
    .addOption(new Option('--concurrency <n>', 'objects of one kind worked on at once').default(10).argParser(whole('--concurrency', 1, 1000)))
    .option('--no-leader-elect', 'lead without a Lease; for one replica only')
    .addOption(logFlag())
    .addHelpText('after', '\nExample:\n  tidegate operator --kubeconfig ~/.kube/config --aws-rate eks=20')
    .action(async (flags: OperatorFlags) => {
      const { runOperator } = await import('./operator.ts')
      await runUntilSignal((signal) => runOperator(flags, signal))
    })

  root
    .command('control-plane')
    .description('Run a real Kubernetes control plane on this machine: etcd, API server, controllers, scheduler, and kwok for nodes. Without Docker.')
    .option('--data-dir <dir>', 'keep objects, certificates and ports there; in memory when absent')
    .addOption(logFlag())
    .action(async (flags: { dataDir?: string; logLevel: OperatorFlags['logLevel'] }) => {
      const { runControlPlane } = await import('../local/run-control-plane.ts')
      const { createLogger } = await import('../observability/logger.ts')
      const log = createLogger({ level: flags.logLevel })
      if (process.stderr.isTTY) process.stderr.write('starting a Kubernetes control plane on this machine …\n')
      await runUntilSignal((signal) =>
        runControlPlane({ stdout: process.stdout, signal, log, ...(flags.dataDir === undefined ? {} : { dataDir: flags.dataDir }) }),
      )
    })

  root
    .command('simulator')
    .description("Run a simulated AWS over HTTP, in the services' own wire protocols.")
    .addOption(new Option('--port <port>', 'port on 127.0.0.1; 0 takes any free one').default(0).argParser(port))
    .addOption(new Option('--speed <n>', 'simulated seconds per second').default(1).argParser(positive('--speed', 3600)))
    .option('--scenario <file>', 'YAML scenario; the built-in one has the EKS cluster demo in us-west-2')
    .addOption(new Option('--kubeconfig <[cluster=]path>', 'where instances of a cluster join as Nodes; repeatable').argParser(joinTargets))
    .addOption(new Option('--seed <n>', 'the same seed gives the same ids').argParser(whole('--seed', 0, 0xffff_ffff)))
    .addOption(logFlag())
    .addHelpText(
      'after',
      '\nExample:\n  tidegate simulator --port 4566 --speed 60 --kubeconfig demo=./kubeconfig\ndocs/simulator.md tells what to set for an AWS SDK or the AWS CLI.',
    )
    .action(async (flags: SimulatorFlags) => {
      const { runSimulator } = await import('./simulator.ts')
      await runUntilSignal((signal) => runSimulator(flags, signal))
    })

  root
    .command('demo')
    .description('Start the whole product on this machine: control plane, simulated AWS, operator, and examples.')
    .option('--kubeconfig <path>', 'use this cluster instead of one of our own; asks before the first write')
    .option('--context <name>', 'context of that kubeconfig')
    .option('--yes', 'do not ask')
    .addOption(new Option('--speed <n>', 'simulated seconds per second').default(60).argParser(positive('--speed', 3600)))
    .addHelpText(
      'after',
      '\nFrom a checkout:\n  npm start                              on a control plane of its own\n  npm start -- --kubeconfig ~/.kube/config   on that cluster',
    )
    .action(async (flags: DemoFlags) => {
      const { runDemo } = await import('./demo.ts')
      await runUntilSignal((signal) => runDemo(flags, signal))
    })

  root
    .command('crds')
    .description('Print all CustomResourceDefinitions, for kubectl apply -f -.')
    .action(async () => {
      const { renderCrds } = await import('../crds/render.ts')
      await print(renderCrds())
    })

  root
    .command('policies')
    .description('Print all ValidatingAdmissionPolicies, for kubectl apply -f -.')
    .addOption(
      new Option('--operator <user>', 'who the operator is to the API server; its service account in tidegate-system when absent').argParser(once(user)),
    )
    .action(async (flags: { operator?: string }) => {
      const { policiesFor, renderPolicies } = await import('../crds/policies/index.ts')
      const { operatorUser } = await import('../crds/policies/policy.ts')
      await print(renderPolicies(policiesFor(flags.operator ?? operatorUser())))
    })

  root
    .command('iam-policy')
    .description("Print the IAM policy that the operator's role needs in AWS.")
    .addOption(new Option('--region <region>', 'the region of the targets; any when absent').argParser(once(region)))
    .addOption(new Option('--account <id>', 'the account of their clusters; any when absent').argParser(once(account)))
    .addOption(
      new Option('--cluster <name>', 'their EKS cluster, as in spec.eksClusterName; * stands for any characters; any when absent').argParser(once(clusterName)),
    )
    .addOption(
      new Option('--pass-role <arn>', 'role that nodes may have, as in spec.allow.passRoleArns; repeatable; the path /tidegate/ when absent').argParser(
        passRoles,
      ),
    )
    .addOption(
      new Option(
        '--target-role <arn>',
        'role that is assumed for targets, as in spec.aws.roleArn; repeatable; the path /tidegate/ in any account when absent',
      ).argParser(targetRoles),
    )
    .addHelpText('after', '\nExample:\n  tidegate iam-policy --region us-west-2 --account 111122223333 --cluster demo')
    .action(async (flags: IamPolicyFlags) => {
      const { renderIamPolicy } = await import('../aws/iam-policy.ts')
      const { iamPolicyOptions } = await import('./iam-policy-flags.ts')
      await print(renderIamPolicy(iamPolicyOptions(flags)))
    })
  return root
}

try {
  await program().parseAsync()
  process.exit(0)
} catch (error) {
  // commander has printed its line already
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2)
  fail(error)
}
