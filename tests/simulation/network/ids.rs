//! Answers with an id that is somebody's already.

use super::does;
use crate::market::{Does, body_of};
use crate::sim::Sim;
use bytes::Bytes;
use infield::marketplace::http::transport::{Incoming, Outgoing};
use serde_json::{Value, json};

/// The answer to a create, perhaps with the id of something else that infield answers for.
pub(super) fn repeated(sim: &Sim, request: &Outgoing, answer: Incoming) -> Incoming {
    let chance = sim.weather().repeats;
    if chance == 0 {
        return answer;
    }
    let Does::Makes { parent } = does(sim, request) else {
        return answer;
    };
    let (Ok(mut whole), Some(body)) = (serde_json::from_slice::<Value>(&answer.body), body_of(request))
    else {
        return answer;
    };
    let taken = sim.checker().taken(parent.is_some());
    if !sim.market.accepted(answer.status, &whole) || taken.is_empty() || !sim.apart().percent(chance) {
        return answer;
    }
    let id = sim.apart().pick(&taken).clone();
    let Some(place) = sim.market.id_in(&mut whole) else {
        return answer;
    };
    *place = match (place.is_number(), id.parse::<u64>()) {
        (true, Ok(number)) => json!(number),
        _ => json!(id),
    };
    sim.tell(format!("  the answer names {id}, which is somebody's already"));
    sim.count(|count| count.repeated_ids += 1);
    sim.repeated().push((body, id));
    Incoming {
        body: Bytes::from(whole.to_string()),
        ..answer
    }
}
