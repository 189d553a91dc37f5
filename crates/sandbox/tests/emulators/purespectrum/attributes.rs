//! The vendor's list of questions: pages by a header, one locale at a time.

use super::support::{Reply, World, world};
use http::Request;
use serde_json::Value;

async fn page(world: &World, query: &str) -> Reply {
    let request = Request::builder()
        .uri(format!("/purespectrum/buyers/v3/Attributes?{query}"))
        .header("access-token", "sandbox")
        .body(axum::body::Body::empty())
        .unwrap();
    world.send(request).await
}

fn codes(shown: &Value) -> Vec<u64> {
    let rows = shown["attributes"].as_array().unwrap();
    rows.iter()
        .map(|row| row["qualification_code"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn a_header_tells_how_many_pages_there_are_and_no_question_is_on_two() {
    let world = world();
    let first = page(&world, "localization=en_US&page=1&format=true").await;
    assert_eq!(first.headers["total_pages"], "2");
    let second = page(&world, "localization=en_US&page=2&format=true").await;
    let all = [codes(&first.with(200)), codes(&second.with(200))].concat();
    assert_eq!(all, [211, 212, 213, 215, 216, 219, 229, 245, 644, 648, 702]);
    let past = page(&world, "localization=en_US&page=3").await.with(200);
    assert_eq!(codes(&past), Vec::<u64>::new());
    let extended = page(&world, "localization=en_US&class=2").await.with(200);
    assert_eq!(codes(&extended), [644, 648, 702]);
}

#[tokio::test]
async fn a_list_is_one_of_a_locale() {
    let world = world();
    page(&world, "page=1").await.refused(400, 1001);
    page(&world, "localization=xx_XX").await.refused(400, 1003);
}
