// Every option that a stage has: the compiled template holds nothing but what CloudFormation's own resource types know.
// Here without any and with as many as go together; `npm run check:templates` tries them in more sets than these.

import { parameterMistakes } from '../../infra/deploy/stage-parameters';
import { EVERY_OPTION, FUNCTION_URL, OPTION_SETS } from '../support/option-sets';
import { packageStage, type Resources } from '../support/package';
import { schemaMistakes } from '../support/template-schema';

const TIMEOUT_MS = 120_000;

it.each([
  ['no option', {}],
  ['every option', EVERY_OPTION],
  ['a function URL', FUNCTION_URL],
])(
  'CloudFormation’s types know all of a stage with %s',
  async (_, options) => {
    const { resources } = await packageStage(options);

    expect(schemaMistakes(resources)).toEqual([]);
    expect(Object.keys(resources).length).toBeGreaterThan(40);
  },
  TIMEOUT_MS,
);

it('There are at least eight sets, and none has a mistake', () => {
  expect(Object.keys(OPTION_SETS).length).toBeGreaterThanOrEqual(8);
  expect(Object.values(OPTION_SETS).flatMap((options) => parameterMistakes(options, 'prod'))).toEqual([]);
});

it.each([
  ['a type', { Q: { Type: 'AWS::SQS::Qeue', Properties: {} } }, 'Q: there is no type AWS::SQS::Qeue'],
  ['a property', { Q: queue({ Colour: 'red' }) }, 'Q.Colour does not exist'],
  ['a number', { Q: queue({ VisibilityTimeout: 'soon' }) }, 'Q.VisibilityTimeout must be of type integer'],
  [
    'what is required',
    { R: { Type: 'AWS::ApiGatewayV2::Route', Properties: { ApiId: 'a' } } },
    'R.RouteKey is required',
  ],
])('A mistake in %s is seen', (_, resources: Resources, mistake) => {
  expect(schemaMistakes(resources)).toEqual([mistake]);
});

function queue(properties: Resources[string]['Properties']) {
  return { Type: 'AWS::SQS::Queue', Properties: properties };
}
