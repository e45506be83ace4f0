// The settings of a job type as its JSON schema tells of them: no type is known here.
import { sayWord } from '../../outcomes'

export interface Setting {
  name: string
  label: string
  description: string
  kind: 'boolean' | 'number' | 'share' | 'choice' | 'choices' | 'text' | 'texts' | 'amounts'
  initial: unknown
  choices: string[]
  whole: boolean
  min?: number
  max?: number
  most?: number
}

interface Property {
  type?: string | string[]
  title?: string
  description?: string
  default?: unknown
  enum?: unknown[]
  items?: Property
  additionalProperties?: unknown
  minimum?: number
  maximum?: number
  maxItems?: number
}

/** The settings that can be shown, in the order of the schema. */
export function settingsOf(schema: Record<string, unknown>): Setting[] {
  const properties = (schema.properties ?? {}) as Record<string, Property>
  return Object.entries(properties).flatMap(([name, property]) => {
    const kind = kindOf(property)
    if (!kind) return []
    const setting: Setting = {
      name,
      label: property.title ?? sayWord(name),
      description: property.description ?? '',
      kind,
      initial: property.default,
      choices: (property.enum ?? property.items?.enum ?? []).filter((each) => each !== null).map(String),
      whole: typeOf(property) === 'integer',
      min: property.minimum,
      max: property.maximum,
      most: property.maxItems,
    }
    return [setting]
  })
}

/** The type of a property; one that may also be null is of its other type. */
const typeOf = ({ type }: Property) => (Array.isArray(type) ? type.find((each) => each !== 'null') : type)

function kindOf(property: Property): Setting['kind'] | undefined {
  if (property.enum) return 'choice'
  switch (typeOf(property)) {
    case 'boolean':
      return 'boolean'
    case 'integer':
      return 'number'
    case 'number':
      // A number from 0 to 1 is read as percent.
      return property.minimum === 0 && property.maximum === 1 ? 'share' : 'number'
    case 'string':
      return 'text'
    case 'array':
      if (property.items?.enum) return 'choices'
      return property.items && typeOf(property.items) === 'string' ? 'texts' : undefined
    case 'object': {
      const values = property.additionalProperties as Property | undefined
      return values && ['integer', 'number'].includes(typeOf(values) ?? '') ? 'amounts' : undefined
    }
  }
}

/** What the field starts with, as people read it; empty where it says nothing. */
export function sayInitial({ kind, initial }: Setting): string {
  if (initial === undefined || initial === null || typeof initial === 'boolean') return ''
  if (kind === 'share') return `${Math.round(Number(initial) * 1000) / 10}%`
  if (Array.isArray(initial)) return initial.join(', ')
  if (typeof initial === 'object') return ''
  return String(initial)
}
