// Prints what ical.js reads in a calendar file: each entry, and the moments (seconds since 1970) on which it falls
// between two moments. It reads zones from the file alone.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const [file, from, until] = process.argv.slice(2);
const calendar = new ICAL.Component(ICAL.parse(readFileSync(file, "utf8")));
for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);

function moments(event) {
  const found = [];
  const starts = event.iterator();
  for (let next = starts.next(); next; next = starts.next()) {
    const at = next.toUnixTime();
    if (at >= Number(until)) break;
    if (at >= Number(from)) found.push(at);
  }
  return found;
}

const entries = calendar.getAllSubcomponents("vevent").map((component) => {
  const event = new ICAL.Event(component);
  return {
    uid: event.uid,
    sequence: event.sequence,
    title: event.summary,
    status: component.getFirstPropertyValue("status"),
    privacy: component.getFirstPropertyValue("class"),
    alarms: component.getAllSubcomponents("valarm").map((one) => one.getFirstPropertyValue("trigger").toSeconds()),
    day: event.startDate.isDate ? event.startDate.toString() : null,
    moments: event.startDate.isDate ? [] : moments(event),
  };
});
console.log(JSON.stringify(entries));
