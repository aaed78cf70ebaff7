// What a month of the archive costs, from its traffic. Pure. List prices; what Firehose takes to read the place out of a
// line is an assumption, named here.

import { MAX_RECORD_LINES } from '../../lib/archive/records';

export interface ArchivePrices {
  readonly firehosePerGigabyte: number;
  readonly firehosePartitionPerGigabyte: number;
  readonly firehosePerThousandObjects: number;
  readonly firehoseKeysPerHour: number;
  readonly s3PerThousandPuts: number;
  readonly s3PerGigabyteMonth: number;
}

export interface ArchiveTraffic {
  readonly eventsPerMonth: number;
  /** Invocations of the consumer in which these are delivered: what they share, they can share a record in. */
  readonly invocations: number;
  readonly lineBytes: number;
  readonly sources: number;
}

/** A line without an event; with one, the event comes on top. */
export const OUTCOME_BYTES = 260;

const GIGABYTE = 1e9;
/** Every record is billed by each of these that it has begun. */
const BILLED_BYTES = 5_000;
/** Lines are stored so much smaller. */
const GZIP_FACTOR = 0.2;
const MONTH_HOURS = 730;
/** One each five minutes at most, of each source that sends all the time; an hour's last lines come with the next. */
const OBJECTS_AN_HOUR = 13;
/** The archive's days by default, in months. */
const KEPT_MONTHS = 1;
/** Firehose's time for its partition keys, which it bills by the hour. */
const KEY_HOURS_PER_GIGABYTE = 0.01;

export const archiveCost = (traffic: ArchiveTraffic, prices: ArchivePrices): number => {
  const { eventsPerMonth: lines, lineBytes } = traffic;
  const gigabytes = (lines * lineBytes) / GIGABYTE;
  const objects = objectsOf(traffic);
  return (
    billedGigabytes(traffic) * prices.firehosePerGigabyte +
    gigabytes * (prices.firehosePartitionPerGigabyte + KEY_HOURS_PER_GIGABYTE * prices.firehoseKeysPerHour) +
    (objects / 1_000) * (prices.firehosePerThousandObjects + prices.s3PerThousandPuts) +
    gigabytes * GZIP_FACTOR * KEPT_MONTHS * prices.s3PerGigabyteMonth
  );
};

/** What Firehose bills as taken: at a trickle, five kilobytes for each line. */
export const billedGigabytes = ({ eventsPerMonth, invocations, lineBytes }: ArchiveTraffic): number => {
  const perRecord = Math.min(MAX_RECORD_LINES, Math.max(1, eventsPerMonth / invocations));
  const records = eventsPerMonth / perRecord;
  return (records * Math.ceil((perRecord * lineBytes) / BILLED_BYTES) * BILLED_BYTES) / GIGABYTE;
};

const objectsOf = ({ eventsPerMonth, sources }: ArchiveTraffic): number =>
  Math.min(eventsPerMonth, sources * MONTH_HOURS * OBJECTS_AN_HOUR);

/** The same without Firehose: an object for each invocation. */
export const objectsEachCost = ({ invocations }: ArchiveTraffic, prices: ArchivePrices): number =>
  (invocations / 1_000) * prices.s3PerThousandPuts;
