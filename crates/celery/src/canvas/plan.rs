//! What a signature comes to: messages to be sent now, and chords to be noted before.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Signature;
use crate::client::Routes;
use crate::clock::later;
use crate::error::Error;
use crate::message::{Body, Embed, Headers, Message, Properties, TimeLimit, parse_instant, shortened};

/// How deep groups, chains and chords may lie within each other.
const DEPTH: u32 = 64;

/// What to do for a signature.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The call whose result is the result of the whole.
    pub(crate) id: String,
    /// The calls of a group, or of a chord's header.
    pub(crate) children: Vec<String>,
    /// Whether `id` is a group's.
    pub(crate) group: bool,
    pub(crate) messages: Vec<Message>,
    pub(crate) chords: Vec<ChordStart>,
    /// As Celery's `as_tuple` writes what comes of it.
    shape: Value,
}

/// To be noted at the result backend before the first message leaves.
#[derive(Debug)]
pub(crate) struct ChordStart {
    pub(crate) group: String,
    pub(crate) size: u64,
    pub(crate) shape: Option<Value>,
}

/// The circumstances of a call.
#[derive(Clone, Debug)]
pub(crate) struct Call<'a> {
    /// The result of what went before.
    pub(crate) result: Option<&'a Value>,
    pub(crate) parent: Option<&'a str>,
    pub(crate) root: Option<&'a str>,
    /// What follows, last first.
    pub(crate) chain: Vec<Value>,
    /// The chord it is part of.
    pub(crate) chord: Option<Value>,
    /// The group it is part of, and its place there.
    pub(crate) group: Option<(String, u64)>,
    pub(crate) now: DateTime<Utc>,
    pub(crate) origin: &'a str,
    /// Where tasks go that do not say so.
    pub(crate) routes: &'a Routes,
    /// How many signatures this one lies within.
    pub(crate) depth: u32,
}

impl<'a> Call<'a> {
    pub(crate) const fn new(now: DateTime<Utc>, origin: &'a str, routes: &'a Routes) -> Self {
        Self { result: None, parent: None, root: None, chain: Vec::new(), chord: None, group: None, now, origin, routes, depth: 0 }
    }

    pub(crate) fn plan(self, signature: Signature) -> Result<Plan, Error> {
        let mut plan = Plan::default();
        self.add(signature, &mut plan)?;
        Ok(plan)
    }

    fn add(mut self, mut signature: Signature, plan: &mut Plan) -> Result<(), Error> {
        self.depth = self.depth.saturating_add(1);
        if DEPTH < self.depth {
            return Err(Error::invalid("a signature", "holds signatures too deep within each other"));
        }
        // What an earlier sender put into the options goes before the circumstances.
        if let Some(Value::Array(chain)) = signature.options.remove("chain") {
            self.chain.extend(chain);
        }
        if let Some(chord) = signature.options.remove("chord").filter(|chord| !chord.is_null()) {
            self.chord = Some(chord);
        }
        match signature.subtask_type.as_deref() {
            Some("chain") => self.chain(signature, plan),
            Some("group") => self.group(signature, plan),
            Some("chord") => self.chord(signature, plan),
            // A plain task; `chunks`, `map` and `starmap` are tasks of Celery's own.
            _ => self.task(signature, plan),
        }
    }

    fn task(self, signature: Signature, plan: &mut Plan) -> Result<(), Error> {
        let Signature { task, mut args, kwargs, mut options, immutable, .. } = signature;
        if let Some(result) = self.result.filter(|_| !immutable) {
            args.insert(0, result.clone());
        }
        let text = |options: &Map<String, Value>, name: &str| options.get(name).and_then(Value::as_str).map(str::to_owned);
        let id = text(&options, "task_id").unwrap_or_else(|| Uuid::new_v4().to_string());
        let queue =
            text(&options, "queue").or_else(|| text(&options, "routing_key")).unwrap_or_else(|| self.routes.queue(&task).to_owned());
        let priority = options.get("priority").and_then(Value::as_u64).and_then(|priority| u8::try_from(priority).ok()).unwrap_or(0);
        let (group, group_index) = match self.group {
            Some((group, index)) => (Some(group), Some(index)),
            None => (text(&options, "group_id"), options.get("group_index").and_then(Value::as_u64)),
        };
        let limit = |name: &str| options.get(name).and_then(Value::as_f64).and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let reply_to = text(&options, "reply_to");
        let eta = match options.get("countdown").and_then(Value::as_f64) {
            Some(span) => Duration::try_from_secs_f64(span).ok().map(|span| later(self.now, span)),
            None => text(&options, "eta").as_deref().and_then(parse_instant),
        };
        let expires = match options.get("expires") {
            Some(Value::Number(seconds)) => {
                seconds.as_f64().and_then(|span| Duration::try_from_secs_f64(span).ok()).map(|span| later(self.now, span))
            }
            Some(Value::String(at)) => parse_instant(at),
            _ => None,
        };
        let mut extra = options.get("headers").and_then(Value::as_object).cloned().unwrap_or_default();
        for stamp in ["stamped_headers", "stamps"] {
            if let Some(value) = options.get(stamp) {
                extra.insert(stamp.to_owned(), value.clone());
            }
        }
        let timelimit = TimeLimit { hard: limit("time_limit"), soft: limit("soft_time_limit") };
        let message = Message {
            queue,
            properties: Properties { reply_to, ..Properties::new(&id, priority) },
            headers: Headers {
                lang: "rust".to_owned(),
                task,
                shadow: text(&options, "shadow"),
                eta,
                expires,
                group,
                group_index,
                retries: options.get("retries").and_then(Value::as_u64).and_then(|retries| u32::try_from(retries).ok()).unwrap_or(0),
                timelimit,
                root_id: Some(self.root.unwrap_or(&id).to_owned()),
                parent_id: self.parent.map(str::to_owned),
                argsrepr: shortened(&args),
                kwargsrepr: shortened(&kwargs),
                origin: self.origin.to_owned(),
                ignore_result: options.get("ignore_result").and_then(Value::as_bool).unwrap_or(false),
                extra,
                id: id.clone(),
            },
            body: Body {
                args,
                kwargs,
                embed: Embed {
                    callbacks: several(options.remove("link")),
                    errbacks: several(options.remove("link_error")),
                    chain: (!self.chain.is_empty()).then_some(self.chain),
                    chord: self.chord,
                },
            },
        };
        message.check()?;
        plan.messages.push(message);
        plan.shape = json!([[id, self.parent], null]);
        plan.id = id;
        Ok(())
    }

    fn chain(mut self, signature: Signature, plan: &mut Plan) -> Result<(), Error> {
        let mut steps = Vec::new();
        flatten(&signature, &mut steps)?;
        let Some(last) = steps.last_mut() else { return Err(Error::invalid("a chain", "must have at least one task")) };
        // What hangs on the chain hangs on its last task; what looks for errors on each.
        if let Some(link) = several(signature.options.get("link").cloned()) {
            for link in link {
                push(&mut last.options, "link", link);
            }
        }
        if let Some((group, index)) = self.group.take() {
            last.options.insert("group_id".to_owned(), group.into());
            last.options.insert("group_index".to_owned(), index.into());
        }
        if let Some(chord) = self.chord.take() {
            last.options.insert("chord".to_owned(), chord);
        }
        for error in several(signature.options.get("link_error").cloned()).unwrap_or_default() {
            for step in &mut steps {
                push(&mut step.options, "link_error", error.clone());
            }
        }
        for step in &mut steps {
            identified(step);
        }
        let mut steps = steps.into_iter().rev().collect::<Vec<_>>();
        let Some(first) = steps.pop() else { return Ok(()) };
        let whole = steps.first().map(result_id);
        self.chain.extend(steps.into_iter().map(|step| json!(step)));
        self.add(first, plan)?;
        if let Some(whole) = whole {
            plan.group = false;
            plan.shape = json!([[whole, null], null]);
            plan.id = whole;
        }
        Ok(())
    }

    fn group(mut self, signature: Signature, plan: &mut Plan) -> Result<(), Error> {
        // A group that something follows is the header of a chord.
        if let Some(body) = self.chain.pop() {
            let mut chord = Signature::named("celery.chord");
            chord.subtask_type = Some("chord".to_owned());
            chord.kwargs.insert("header".to_owned(), json!(signature));
            chord.kwargs.insert("body".to_owned(), body);
            chord.options = signature.options;
            chord.immutable = signature.immutable;
            return self.chord(chord, plan);
        }
        let group = identified(&mut signature.clone()).unwrap_or_else(|| Uuid::new_v4().to_string());
        let mut tasks = members(signature.kwargs.get("tasks"), "a group")?;
        if let Some(first) = tasks.first_mut() {
            for link in several(signature.options.get("link").cloned()).unwrap_or_default() {
                push(&mut first.options, "link", link);
            }
        }
        for error in several(signature.options.get("link_error").cloned()).unwrap_or_default() {
            for task in &mut tasks {
                push(&mut task.options, "link_error", error.clone());
            }
        }
        let chord = self.chord.clone();
        let outer = self.group.clone();
        let mut index = outer.as_ref().map_or(0, |(_, index)| *index);
        let (mut children, mut shapes) = (Vec::new(), Vec::new());
        for task in tasks {
            let call = Call {
                chord: chord.clone(),
                group: Some((outer.as_ref().map_or_else(|| group.clone(), |(outer, _)| outer.clone()), index)),
                ..self.clone()
            };
            let before = plan.messages.len();
            call.add(without_immutable(task, signature.immutable), plan)?;
            // A group within a chord's header takes as many places as it has tasks.
            let places = if plan.group { u64::try_from(plan.messages.len().saturating_sub(before)).unwrap_or(1) } else { 1 };
            index = index.saturating_add(places);
            if plan.group {
                children.append(&mut plan.children);
            } else {
                children.push(plan.id.clone());
            }
            shapes.push(std::mem::take(&mut plan.shape));
        }
        plan.shape = json!([[group, self.parent], shapes]);
        plan.id = group;
        plan.children = children;
        plan.group = true;
        Ok(())
    }

    fn chord(mut self, signature: Signature, plan: &mut Plan) -> Result<(), Error> {
        let mut body = match signature.kwargs.get("body") {
            Some(body) => Signature::read(body)?,
            None => return Err(Error::invalid("a chord", "must have a body")),
        };
        identified(&mut body);
        for link in several(signature.options.get("link").cloned()).unwrap_or_default() {
            push(&mut body.options, "link", link);
        }
        for error in several(signature.options.get("link_error").cloned()).unwrap_or_default() {
            push(&mut body.options, "link_error", error);
        }
        let (header, group) = match signature.kwargs.get("header") {
            Some(Value::Object(header)) => {
                let mut header = Signature::read(&Value::Object(header.clone()))?;
                let group = identified(&mut header);
                (members(header.kwargs.get("tasks"), "a chord's header")?, group)
            }
            header => (members(header, "a chord's header")?, None),
        };
        let group = group.unwrap_or_else(|| Uuid::new_v4().to_string());
        // What follows the chord, or what it is itself a part of, follows its body.
        let chain = std::mem::take(&mut self.chain);
        if !chain.is_empty() {
            body.options.insert("chain".to_owned(), chain.into());
        }
        if let Some(outer) = self.chord.take() {
            body.options.insert("chord".to_owned(), outer);
        }
        match self.group.take() {
            Some((outer, index)) => {
                body.options.insert("group_id".to_owned(), outer.into());
                body.options.insert("group_index".to_owned(), index.into());
            }
            None => {
                body.options.entry("group_id").or_insert_with(|| group.clone().into());
            }
        }
        if header.is_empty() {
            let none = json!([]);
            return Call { result: Some(&none), chain: Vec::new(), ..self.clone() }.add(body, plan);
        }
        let whole = result_id(&body);
        let mut tasks = Signature::group(header);
        tasks.options.insert("task_id".to_owned(), group.clone().into());
        tasks.immutable = signature.immutable;
        let before = plan.messages.len();
        let inner = Call { chord: Some(json!(body)), ..self.clone() };
        inner.add(tasks, plan)?;
        let size = u64::try_from(parts(plan.messages.get(before..).unwrap_or_default(), &group)).unwrap_or(u64::MAX);
        let nested = plan.shape.get(1).and_then(Value::as_array).is_some_and(|children| children.iter().any(|child| child[1].is_array()));
        let shape = nested.then(|| std::mem::take(&mut plan.shape));
        plan.chords.push(ChordStart { group, size, shape });
        plan.shape = json!([[whole, null], null]);
        plan.id = whole;
        plan.group = false;
        Ok(())
    }
}

/// How many calls of a header tell the chord when they end: those sent now, and those at the end
/// of a chain that begins now.
fn parts(messages: &[Message], group: &str) -> usize {
    let of_group = |options: Option<&Value>| options.and_then(|options| options.get("group_id")).and_then(Value::as_str) == Some(group);
    let carries = |message: &&Message| {
        let embed = &message.body.embed;
        let at_once = embed.chord.is_some() && message.headers.group.as_deref() == Some(group);
        let last = embed.chain.as_deref().and_then(<[Value]>::first);
        at_once || last.is_some_and(|last| of_group(last.get("options")) && last.pointer("/options/chord").is_some())
    };
    // The header of a chord within the header: its body is the part.
    let within = |message: &&Message| {
        message.headers.group.as_deref() != Some(group)
            && message.headers.group_index == Some(0)
            && message
                .body
                .embed
                .chord
                .as_ref()
                .is_some_and(|chord| of_group(chord.get("options")) && chord.pointer("/options/chord").is_some())
    };
    messages.iter().filter(|message| carries(message) || within(message)).count()
}

fn flatten(signature: &Signature, steps: &mut Vec<Signature>) -> Result<(), Error> {
    for step in members(signature.kwargs.get("tasks"), "a chain")? {
        if step.subtask_type.as_deref() == Some("chain") {
            flatten(&step, steps)?;
        } else {
            steps.push(step);
        }
    }
    Ok(())
}

fn members(value: Option<&Value>, of: &'static str) -> Result<Vec<Signature>, Error> {
    match value {
        Some(Value::Array(members)) => members.iter().map(Signature::read).collect(),
        _ => Err(Error::invalid(of, "must hold a list of tasks")),
    }
}

/// Gives it an id unless it has one; returns that of a combined one's own.
fn identified(signature: &mut Signature) -> Option<String> {
    let id = signature.options.entry("task_id").or_insert_with(|| Value::String(Uuid::new_v4().to_string()));
    if id.is_null() {
        *id = Value::String(Uuid::new_v4().to_string());
    }
    if signature.subtask_type.as_deref() == Some("chord")
        && let Some(body) = signature.kwargs.get_mut("body").and_then(Value::as_object_mut)
        && let Some(options) = body.entry("options").or_insert_with(|| json!({})).as_object_mut()
    {
        let id = options.entry("task_id").or_insert_with(|| Value::String(Uuid::new_v4().to_string()));
        if id.is_null() {
            *id = Value::String(Uuid::new_v4().to_string());
        }
    }
    signature.options.get("task_id").and_then(Value::as_str).map(str::to_owned)
}

/// The call whose result is that of the whole.
fn result_id(signature: &Signature) -> String {
    let id = match signature.subtask_type.as_deref() {
        Some("chord") => signature.kwargs.get("body").and_then(|body| body.pointer("/options/task_id")),
        _ => signature.options.get("task_id"),
    };
    id.and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn without_immutable(mut task: Signature, immutable: bool) -> Signature {
    task.immutable |= immutable;
    task
}

fn several(value: Option<Value>) -> Option<Vec<Value>> {
    match value {
        None | Some(Value::Null) => None,
        Some(Value::Array(several)) => Some(several),
        Some(one) => Some(vec![one]),
    }
}

fn push(options: &mut Map<String, Value>, name: &str, value: Value) {
    let mut list = several(options.remove(name)).unwrap_or_default();
    list.push(value);
    options.insert(name.to_owned(), list.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(x: i64) -> Signature {
        Signature::named("add").args(vec![json!(x)]).id(format!("t{x}"))
    }

    fn plan(signature: Signature, result: Option<&Value>) -> Plan {
        let now = "2026-11-24T10:00:00Z".parse().unwrap();
        Call { result, ..Call::new(now, "gen1@test", &Routes::default()) }.plan(signature).unwrap()
    }

    #[test]
    fn a_chain_sends_its_first_and_carries_the_rest_last_first() {
        let plan = plan(Signature::chain([add(1), add(2), Signature::chain([add(3), add(4)])]), None);
        assert_eq!(plan.id, "t4");
        assert_eq!(plan.messages.len(), 1);
        let first = &plan.messages[0];
        assert_eq!((first.id(), &first.body.args), ("t1", &vec![json!(1)]));
        let rest: Vec<&str> =
            first.body.embed.chain.as_ref().unwrap().iter().map(|step| step["options"]["task_id"].as_str().unwrap()).collect();
        assert_eq!(rest, ["t4", "t3", "t2"]);
    }

    #[test]
    fn a_group_in_a_chain_is_a_chords_header() {
        let chain = Signature::chain([Signature::group([add(1), add(2)]), add(3), add(4)]);
        let plan = plan(chain, Some(&json!(9)));
        assert_eq!((plan.id.as_str(), plan.messages.len(), plan.chords.len()), ("t4", 2, 1));
        assert_eq!((plan.chords[0].size, &plan.chords[0].shape), (2, &None));
        let second = &plan.messages[1];
        assert_eq!(second.body.args, [json!(9), json!(2)]);
        assert_eq!((second.headers.group.as_deref(), second.headers.group_index), (Some(plan.chords[0].group.as_str()), Some(1)));
        let body = second.body.embed.chord.as_ref().unwrap();
        assert_eq!(body["options"]["task_id"], "t3");
        assert_eq!(body["options"]["chain"][0]["options"]["task_id"], "t4");
        assert_eq!(second.body.embed.chain, None);
    }

    #[test]
    fn a_headers_parts_are_what_ends_in_it() {
        let inner = Signature::chord([add(5), add(6)], add(7));
        let header = [add(1), Signature::chain([add(2), add(3)]), Signature::group([add(4), add(8)]), inner];
        let plan = plan(Signature::chord(header, add(9)), None);
        assert_eq!(plan.id, "t9");
        let sent: Vec<&str> = plan.messages.iter().map(Message::id).collect();
        assert_eq!(sent, ["t1", "t2", "t4", "t8", "t5", "t6"]);
        let outer = plan.chords.last().unwrap();
        // t1, t3 after t2, t4, t8, and t7 after t5 and t6.
        assert_eq!(outer.size, 5);
        let places: Vec<_> = plan.messages[2..4].iter().map(|message| message.headers.group_index.unwrap()).collect();
        assert_eq!(places, [2, 3]);
        let t3 = &plan.messages[1].body.embed.chain.as_ref().unwrap()[0];
        assert_eq!((&t3["options"]["group_id"], &t3["options"]["group_index"]), (&json!(outer.group), &json!(1)));
        let t7 = plan.messages[4].body.embed.chord.as_ref().unwrap();
        assert_eq!((&t7["options"]["group_id"], &t7["options"]["group_index"]), (&json!(outer.group), &json!(4)));
        let shape = outer.shape.as_ref().unwrap();
        assert_eq!(shape[1].as_array().unwrap().len(), 4);
        assert_eq!(shape[1][2][1].as_array().unwrap().len(), 2);
        assert_eq!(shape[1][3][0][0], "t7");
    }

    #[test]
    fn links_and_options_become_headers() {
        let signature = add(1).countdown(Duration::from_secs(2)).option("expires", 60).priority(5).queue("q").link(add(2)).immutable();
        let plan = plan(signature, Some(&json!(9)));
        let message = &plan.messages[0];
        assert_eq!(message.body.args, [json!(1)]);
        assert_eq!(message.headers.eta.unwrap().to_rfc3339(), "2026-11-24T10:00:02+00:00");
        assert_eq!(message.headers.expires.unwrap().to_rfc3339(), "2026-11-24T10:01:00+00:00");
        assert_eq!((message.properties.priority, message.queue.as_str()), (5, "q"));
        assert_eq!(message.body.embed.callbacks.as_ref().unwrap()[0]["options"]["task_id"], "t2");
    }

    #[test]
    fn an_empty_header_sends_the_body_at_once() {
        let plan = plan(Signature::chord([], add(9)), None);
        assert_eq!((plan.messages.len(), &plan.messages[0].body.args), (1, &vec![json!([]), json!(9)]));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let now = "2026-11-24T10:00:00Z".parse().unwrap();
        let broken = Signature::named("celery.chain").option("x", 1);
        let broken = Signature { subtask_type: Some("chain".to_owned()), ..broken };
        assert!(Call::new(now, "t", &Routes::default()).plan(broken).unwrap_err().to_string().contains("a chain"));
        let mut deep = add(1);
        for _ in 0..100 {
            deep = Signature::group([deep]);
        }
        assert!(Call::new(now, "t", &Routes::default()).plan(deep).is_err());
    }
}
