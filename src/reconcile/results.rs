//! What became of each row, as a list beside the one it came from.

use super::plan::Plan;
use super::run::Verdict;
use crate::model::reconciliation::{Course, Standing};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The columns.
pub const COLUMNS: [&str; 5] = ["id", "wanted", "was", "result", "message"];

/// The word of a verdict.
pub fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Unchanged => "unchanged",
        Verdict::Changed | Verdict::Verified => "changed",
        Verdict::Pending(_) => "pending",
        Verdict::Refused(_) => "refused",
        Verdict::Unknown(_) => "unknown",
        Verdict::NotSent(_) => "not_sent",
    }
}

/// What there is to say about a verdict.
pub fn message(verdict: &Verdict, course: &Course) -> String {
    match (verdict, course) {
        (Verdict::Unchanged, Course::Recorded { .. }) => "confirmed by an earlier apply".to_owned(),
        (Verdict::Unchanged, _) => "it was so before".to_owned(),
        (Verdict::Changed, Course::Change(mechanism)) => format!("by {}", mechanism.words()),
        (Verdict::Changed, _) => String::new(),
        (Verdict::Verified, _) => "the answer was lost; looked up, it is as wanted".to_owned(),
        (
            Verdict::Pending(text) | Verdict::Refused(text) | Verdict::Unknown(text) | Verdict::NotSent(text),
            _,
        ) => text.clone(),
    }
}

/// What a row was before, in the vendor's words.
pub fn was(plan: &Plan, index: usize) -> String {
    let row = &plan.rows[index];
    match (&row.was, &row.course) {
        (Some(was), _) => Standing::to_string(was),
        (None, Course::Recorded { was }) => was.to_string(),
        (None, _) => String::new(),
    }
}

/// Where the results of a list go: `rejects.csv` has `rejects.result.csv` beside it; a manifest that lists its
/// transactions itself has its name in between.
pub fn path(plan: &Plan) -> PathBuf {
    let list = &plan.wanted.path;
    let stem = list.file_stem().unwrap_or_default().to_string_lossy();
    let is_list = !list.extension().is_some_and(|end| end == "yaml" || end == "yml");
    let name = if is_list {
        format!("{stem}.result.csv")
    } else {
        format!("{stem}.{}.result.csv", plan.wanted.name)
    };
    list.parent().unwrap_or(Path::new("")).join(name)
}

/// Writes the results; the file is there as a whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write(plan: &Plan, verdicts: &[Verdict], path: &Path) -> std::io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new("")))?;
    {
        let mut list = csv::Writer::from_writer(std::io::BufWriter::new(&mut file));
        list.write_record(COLUMNS)?;
        for (index, (row, verdict)) in plan.wanted.rows.iter().zip(verdicts).enumerate() {
            list.write_record([
                &row.id,
                row.outcome.word(),
                &was(plan, index),
                word(verdict),
                &message(verdict, &plan.rows[index].course),
            ])?;
        }
        list.flush()?;
    }
    file.flush()?;
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}
