// What osls does not check of a stage, checked before anything is packaged or sent: its parameters, and commands that
// would leave a deployment half changed. It changes nothing of the template unless the stage has its traffic shifted.

import { shiftGradually, type Template } from './gradual-shift';
import { type Parameters, parameterMistakes, regionMistakes } from './stage-parameters';

/** The part of osls that is used here. */
interface Serverless {
  readonly service: {
    readonly custom: { readonly trafficShift: string | null; readonly permissionsBoundary: string | null };
    readonly provider: Provider;
  };
  readonly configurationInput: { readonly params: Readonly<Record<string, Parameters | undefined>> };
  readonly processedInput: { readonly commands: readonly string[] };
  readonly classes: { readonly Error: new (message: string) => Error };
}

interface Provider {
  readonly stage: string;
  readonly region: string;
  versionFunctions: boolean;
  readonly compiledCloudFormationTemplate: { Resources: Template['Resources'] };
}

interface Options {
  /** Each `name=value`. */
  readonly param?: readonly string[];
}

export class DeployPlugin {
  readonly hooks: Readonly<Record<string, () => void>>;

  constructor({ service, configurationInput, processedInput, classes }: Serverless, options: Options) {
    const { stage } = service.provider;
    const refused = REFUSED[processedInput.commands.join(' ')];
    if (refused !== undefined) throw new classes.Error(refused);
    const { params } = configurationInput;
    const given = { ...params['default'], ...params[stage], ...onCommandLine(options) };
    const mistakes = parameterMistakes(given, stage);
    if (mistakes.length > 0) throw new classes.Error(mistakes.join('\n'));
    this.hooks = {
      ...shiftingOf(service),
      'before:package:cleanup': () => {
        const ofOthers = regionMistakes(given, service.provider.region);
        if (ofOthers.length > 0) throw new classes.Error(ofOthers.join('\n'));
      },
    };
  }
}

/** What undoes a shift, as it undoes an update (rollback.js). */
const ALARMS = ['FunctionErrorsAlarm', 'ApiErrorsAlarm', 'SettingsAlarm'];

/** Not before the hooks run are all variables of the service resolved, its region too. */
const shiftingOf = (service: Serverless['service']) => ({
  'before:package:compileFunctions': () => {
    if (isShifted(service.custom)) service.provider.versionFunctions = true;
  },
  'before:package:finalize': () => {
    const { custom, provider } = service;
    if (!isShifted(custom)) return;
    const template = provider.compiledCloudFormationTemplate;
    const shifted = shiftGradually(template, {
      configuration: `Lambda${custom.trafficShift}`,
      alarms: ALARMS,
      ...(custom.permissionsBoundary ? { permissionsBoundary: custom.permissionsBoundary } : {}),
    });
    template.Resources = { ...template.Resources, ...shifted };
  },
});

const isShifted = ({ trafficShift }: Serverless['service']['custom']): boolean =>
  (trafficShift ?? 'none') !== 'none';

const onCommandLine = ({ param = [] }: Options): Parameters =>
  Object.fromEntries(
    param.map((item) => {
      const [name = '', ...value] = item.split('=');
      return [name, value.join('=').trimEnd()];
    }),
  );

const REFUSED: Readonly<Record<string, string>> = {
  'deploy function':
    '`deploy function` would replace the code of one function and leave its settings, its role and the other functions as they are. Use `serverless deploy`: it sends only what has changed.',
};
