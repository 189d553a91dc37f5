//! Other addresses for what is remembered.

use super::Op;
use crate::model::{Known, Move};

/// The operations that give resources, and what is open of them, other addresses. All of them belong into one commit: what
/// goes away comes first, so that names can change places.
pub fn ops(known: &Known, moves: &[Move]) -> Vec<Op> {
    let mut after = known.clone();
    after.rename(moves);
    let gone = known
        .resources
        .keys()
        .filter(|address| !after.resources.contains_key(address));
    let mut ops: Vec<Op> = gone
        .map(|address| Op::Remove {
            address: address.clone(),
        })
        .collect();
    for (address, resource) in &after.resources {
        if known.resources.get(address) != Some(resource) {
            ops.push(Op::Put {
                address: address.clone(),
                resource: Box::new(resource.clone()),
            });
        }
    }
    for (id, intent) in &after.intents {
        if known.intents.get(id) != Some(intent) {
            ops.push(Op::OpenIntent {
                id: id.clone(),
                intent: Box::new(intent.clone()),
            });
        }
    }
    for (address, ids) in &after.others {
        if known.others.get(address) != Some(ids) {
            ops.push(Op::NoneOf {
                address: address.clone(),
                ids: ids.clone(),
            });
        }
    }
    ops
}
