//! placeholder until merge
use crate::model::codebook::Codebook;
/// Table.
pub static CODEBOOK: Codebook = Codebook { questions: &[] };
