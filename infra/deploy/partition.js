// The part of AWS that a region belongs to: China's and the one of the US government have ARNs and a console of their own.
// What stands in a template says `AWS::Partition`; this is for what is outside of one, or a text.

const PARTITIONS = [
  { regions: /^cn-/, partition: 'aws-cn', console: 'console.amazonaws.cn' },
  { regions: /^us-gov-/, partition: 'aws-us-gov', console: 'console.amazonaws-us-gov.com' },
  { regions: /./, partition: 'aws', console: 'console.aws.amazon.com' },
];

const partitionOf = (region) => PARTITIONS.find(({ regions }) => regions.test(region));

/** What osls asks for as a variable's file. */
module.exports = async ({ resolveVariable }) => {
  const region = await resolveVariable('self:provider.region');
  return { console: `${region}.${partitionOf(region).console}` };
};
module.exports.partitionOf = partitionOf;
