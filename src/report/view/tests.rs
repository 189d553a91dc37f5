use super::*;
use serde_json::json;

fn turn(path: &str, before: Value, after: Value, new: bool) -> String {
    let change = Change {
        path: path.to_owned(),
        before: before.into(),
        after: after.into(),
        remark: None,
        drift: false,
    };
    Field::new(&change, false).turn(new)
}

#[test]
fn a_price_that_goes_is_the_market_price() {
    let cleared = |path| turn(path, json!("3.75 USD"), Value::Null, false);
    assert_eq!(cleared("/cpi"), "3.75 USD → market price");
    assert_eq!(cleared("/test_url"), "3.75 USD → cleared");
    assert_eq!(turn("/completes", Value::Null, json!(400), true), "400");
    assert_eq!(
        turn("/completes", Value::Null, json!(400), false),
        "not set → 400"
    );
}

#[test]
fn a_quota_comes_and_goes_in_words_of_its_own() {
    let (count, who) = ("/quotas/men/completes", "/quotas/men/where");
    assert_eq!(turn(count, Value::Null, json!(40), true), "40");
    assert_eq!(turn(count, Value::Null, json!(40), false), "new → 40");
    assert_eq!(turn(count, json!(40), Value::Null, false), "40 → none");
    assert_eq!(
        turn(who, Value::Null, json!({"gender": ["male"]}), false),
        "gender: male"
    );
    assert_eq!(
        turn(who, json!({}), json!({"gender": ["male"]}), false),
        "everybody → gender: male"
    );
}
