//! "Did you mean": the known name nearest to what was typed.

/// The nearest known name, if it is near enough to be meant. Ties go to the earlier one.
pub(crate) fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = fold(typed);
    let limit = typed.chars().count().max(3) / 3;
    let mut best: Option<(usize, &str)> = None;
    for name in known {
        if typed.len().abs_diff(name.len()) > limit {
            continue;
        }
        let distance = distance(&typed, &fold(name));
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}

/// Names in a sentence: `a`, `b` or `c`.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

fn fold(text: &str) -> String {
    text.chars()
        .take(80)
        .flat_map(char::to_lowercase)
        .map(|c| if c == '_' || c == ' ' { '-' } else { c })
        .collect()
}

/// Edits between two texts; two neighbours that changed places count once.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let same = a[i - 1] == b[j - 1];
            let mut best = (previous[j - 1] + usize::from(!same))
                .min(previous[j] + 1)
                .min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut previous, row);
    }
    previous[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let known = ["gender", "age", "household_income", "completes"];
        assert_eq!(nearest("gendre", known), Some("gender"));
        assert_eq!(nearest("Gender", known), Some("gender"));
        assert_eq!(nearest("household-income", known), Some("household_income"));
        assert_eq!(nearest("complets", known), Some("completes"));
        assert_eq!(nearest("zip", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(list(["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
