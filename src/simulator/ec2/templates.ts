import Type from 'typebox'
import { ec2Id } from '../ids.ts'
import type { Region } from '../region.ts'
import { ServiceError } from '../service-error.ts'
import type { LaunchTemplate, LaunchTemplateVersion } from '../state.ts'
import { operation } from '../wire/operation.ts'
import { applyFilters, byIds, ec2Page, type Filterable, filterMembers } from './filters.ts'
import { fromRequest } from './template-data.ts'
import { launchTemplateVersionView, launchTemplateView } from './views.ts'
import { isVisible, visibleVersions } from './visible.ts'

const closed = { additionalProperties: false } as const
const ids = Type.Optional(Type.Array(Type.String()))
const dryRun = { DryRun: filterMembers.DryRun }
const which = { LaunchTemplateId: Type.Optional(Type.String()), LaunchTemplateName: Type.Optional(Type.String()) }
const data = Type.Record(Type.String(), Type.Unknown())

const templateFilters: Filterable<LaunchTemplate> = {
  'launch-template-name': ({ name }) => [name],
  'tag:': ({ tags }, key) => (tags[key] === undefined ? [] : [tags[key]]),
  'tag-key': ({ tags }) => Object.keys(tags),
}

const describeTemplates = operation(
  'DescribeLaunchTemplates',
  'read',
  Type.Object({ LaunchTemplateId: ids, LaunchTemplateName: ids, ...filterMembers }, closed),
  (input, { region }) => {
    const { LaunchTemplateName: names } = input
    const readable = new Map([...region.launchTemplates].filter(([, template]) => visibleVersions(region, template).latest > 0))
    const found = byIds(readable, input.LaunchTemplateId, 'InvalidLaunchTemplateId.NotFound', 'specified launch template, with template ID')
    const named = names === undefined ? found : found.filter(({ name }) => names.includes(name))
    if (names !== undefined && named.length < names.length) {
      throw new ServiceError(
        'InvalidLaunchTemplateName.NotFoundException',
        400,
        'At least one of the launch templates specified in the request does not exist.',
      )
    }
    const { items, nextToken } = ec2Page(applyFilters(named, input.Filter ?? [], templateFilters), input, region.scenario.quotas)
    return { launchTemplates: items.map((template) => launchTemplateView(region, template)), nextToken }
  },
)

const describeTemplateVersions = operation(
  'DescribeLaunchTemplateVersions',
  'read',
  Type.Object({ ...which, LaunchTemplateVersion: ids, MaxResults: filterMembers.MaxResults, NextToken: filterMembers.NextToken, ...dryRun }, closed),
  (input, { region }) => {
    const template = templateOf(region, input)
    const { versions, latest } = visibleVersions(region, template)
    const asked = input.LaunchTemplateVersion?.map((version) => {
      if (version === '$Latest') return latest
      return version === '$Default' ? template.defaultVersion : Number(version)
    })
    const found = versions.filter(({ version }) => asked === undefined || asked.includes(version))
    const { items, nextToken } = ec2Page(found, input, region.scenario.quotas)
    return { launchTemplateVersionSet: items.map((version) => launchTemplateVersionView(template, version)), nextToken }
  },
)

const createTemplate = operation(
  'CreateLaunchTemplate',
  'write',
  Type.Object(
    {
      LaunchTemplateName: Type.String({ pattern: '^[a-zA-Z0-9().\\-/_]{3,128}$' }),
      LaunchTemplateData: data,
      VersionDescription: Type.Optional(Type.String({ maxLength: 255 })),
      ClientToken: Type.Optional(Type.String()),
      TagSpecification: Type.Optional(
        Type.Array(Type.Object({ ResourceType: Type.String(), Tag: Type.Array(Type.Object({ Key: Type.String(), Value: Type.String() }, closed)) }, closed)),
      ),
      ...dryRun,
    },
    closed,
  ),
  (input, { region }) => {
    const { LaunchTemplateName: name, ClientToken: token } = input
    const known = [...region.launchTemplates.values()].find((template) => template.name === name)
    if (known !== undefined && (token === undefined || known.token !== token)) {
      throw new ServiceError('InvalidLaunchTemplateName.AlreadyExistsException', 400, 'Launch template name already in use.')
    }
    const tags = (input.TagSpecification ?? []).flatMap(({ ResourceType, Tag }) => (ResourceType === 'launch-template' ? Tag : []))
    const template: LaunchTemplate = known ?? {
      id: ec2Id(region.random, 'lt'),
      name,
      token,
      tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])),
      versions: [newVersion(region, 1, fromRequest(input.LaunchTemplateData), undefined)],
      defaultVersion: 1,
    }
    region.launchTemplates.set(template.id, template)
    return { launchTemplate: { ...launchTemplateView(region, template), latestVersionNumber: template.versions.length } }
  },
)

const createTemplateVersion = operation(
  'CreateLaunchTemplateVersion',
  'write',
  Type.Object(
    {
      ...which,
      LaunchTemplateData: data,
      SourceVersion: Type.Optional(Type.String()),
      VersionDescription: Type.Optional(Type.String({ maxLength: 255 })),
      ClientToken: Type.Optional(Type.String()),
      ...dryRun,
    },
    closed,
  ),
  (input, { region }) => {
    const template = templateOf(region, input)
    const repeated = template.versions.find(({ token }) => token !== undefined && token === input.ClientToken)
    if (repeated !== undefined) return { launchTemplateVersion: launchTemplateVersionView(template, repeated) }
    const source = input.SourceVersion === undefined ? undefined : template.versions.find(({ version }) => version === Number(input.SourceVersion))
    if (input.SourceVersion !== undefined && source === undefined) {
      throw new ServiceError('InvalidLaunchTemplateId.VersionNotFound', 400, `Could not find the specified version ${input.SourceVersion}.`)
    }
    const version = newVersion(region, template.versions.length + 1, { ...source?.data, ...fromRequest(input.LaunchTemplateData) }, input.ClientToken)
    template.versions.push(version)
    return { launchTemplateVersion: launchTemplateVersionView(template, version) }
  },
)

const modifyTemplate = operation(
  'ModifyLaunchTemplate',
  'write',
  Type.Object({ ...which, SetDefaultVersion: Type.Optional(Type.String()), ClientToken: Type.Optional(Type.String()), ...dryRun }, closed),
  (input, { region }) => {
    const template = templateOf(region, input)
    const version = Number(input.SetDefaultVersion ?? template.defaultVersion)
    if (!template.versions.some((candidate) => candidate.version === version)) {
      throw new ServiceError('InvalidLaunchTemplateId.VersionNotFound', 400, `Could not find the specified version ${version}.`)
    }
    template.defaultVersion = version
    return { launchTemplate: launchTemplateView(region, template) }
  },
)

const deleteTemplate = operation('DeleteLaunchTemplate', 'write', Type.Object({ ...which, ...dryRun }, closed), (input, { region }) => {
  const template = templateOf(region, input)
  region.launchTemplates.delete(template.id)
  return { launchTemplate: launchTemplateView(region, template) }
})

/** Everything about launch templates that EC2 is asked here. */
export const templateOperations = [describeTemplates, describeTemplateVersions, createTemplate, createTemplateVersion, modifyTemplate, deleteTemplate]

function newVersion(region: Region, version: number, content: LaunchTemplateVersion['data'], token: string | undefined): LaunchTemplateVersion {
  const readableAtMs = region.clock.monotonicMs() + region.scenario.delays.templateVisibleSeconds * 1000
  return { version, createdAt: region.clock.now(), readableAtMs, data: content, token }
}

/** @throws ServiceError `InvalidLaunchTemplateId.NotFound`, also while the template cannot be read yet. */
function templateOf(
  region: Region,
  input: { readonly LaunchTemplateId?: string | undefined; readonly LaunchTemplateName?: string | undefined },
): LaunchTemplate {
  const { LaunchTemplateId, LaunchTemplateName } = input
  const template = [...region.launchTemplates.values()].find(({ id, name }) => id === LaunchTemplateId || name === LaunchTemplateName)
  if (template === undefined || !template.versions.some((version) => isVisible(region, version))) {
    throw new ServiceError('InvalidLaunchTemplateId.NotFound', 400, 'The specified launch template does not exist.')
  }
  return template
}
