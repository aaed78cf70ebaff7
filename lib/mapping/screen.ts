// screen -> person/event `Viewed {name} Screen`, as Segment's classic destination names it; or Customer.io's own
// person/screen, where the source wants it.

import { isFault } from '../event/fault';
import { findAnyone, type Who } from '../event/who';
import type { JsonObject } from '../json/json-object';
import { objectOrEmpty, readText } from './attributes';
import { fitName, maxNameBytes } from './derived-name';
import { type NamedEvent, toEventOperation } from './event-operation';
import {
  type Mapper,
  type MappingInput,
  type MappingSettings,
  rejectedFor,
  type Translation,
} from './translation';
import { withVisit } from './visit';

/** What a screen becomes, and what it is called. */
interface Form {
  readonly action: 'event' | 'screen';
  readonly nameOf: (screen: string) => string;
  /** The name of a screen that has none. */
  readonly unnamed: string;
}

const EVENT: Form = {
  action: 'event',
  nameOf: (screen) => `Viewed ${screen} Screen`,
  unnamed: 'Viewed Undefined Screen',
};

const SCREEN: Form = { action: 'screen', nameOf: (screen) => screen, unnamed: 'Screen View' };

const formOf = ({ screens }: MappingSettings): Form => (screens === 'screen' ? SCREEN : EVENT);

export const translateScreen: Mapper = (input) => {
  const { event, settings } = input;
  const who = findAnyone(event, settings);
  if (isFault(who)) return rejectedFor(who);
  const { action, nameOf, unnamed } = formOf(settings);
  const text = readName(event);
  if (text === undefined) return toScreenView(input, who, { action, name: unnamed });
  const source = { attribute: 'name', text } as const;
  const fitted = fitName(source, settings, maxNameBytes(nameOf('')));
  const name = typeof fitted === 'string' ? nameOf(fitted) : fitted;
  return toScreenView(input, who, { action, name, source });
};

const toScreenView = (input: MappingInput, who: Who, named: NamedEvent): Translation =>
  withVisit(toEventOperation(input, who, named), who, input.settings);

const readName = ({ name, properties, event }: JsonObject): string | undefined =>
  readText(name) ?? readText(objectOrEmpty(properties)['name']) ?? readText(event);
