//! A value that is a list (RFC 6313), of templates that nest: what is made of it is JSON, and of a bounded size.
#![cfg_attr(fuzzing, no_main)]

use arrow_array::{Array, cast::AsArray};
use tidegauge_core::decoder::{Decoder, Limits};

/// Element and length of each field; the first three templates are of a record that is a list of each kind.
const TEMPLATES: [(u16, &[(u16, u16)]); 8] = [
    (256, &[(291, 65535)]),
    (257, &[(292, 65535)]),
    (258, &[(293, 65535)]),
    (400, &[(7, 2), (11, 2), (82, 65535)]),
    (401, &[(292, 65535), (4, 1)]),
    (402, &[(293, 65535), (291, 5)]),
    (403, &[(4, 0)]),
    (404, &[(56, 6), (80, 6), (154, 8), (210, 1)]),
];
/// An element of a list takes so many characters at most, beside its bytes in base 16.
const MOST_CHARACTERS_OF_A_BYTE: usize = 128;

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| run(input));

pub fn run(input: &[u8]) {
    let Some((kind, value)) = input.split_first() else { return };
    let value = &value[..value.len().min(60_000)];
    let mut decoder = Decoder::new(Limits::default(), String::new(), kind & 4 == 4);
    decoder.feed(&message(2, &templates()), [0; 16], 1, 1_700_000_000_000_000_000);
    let mut data = vec![255];
    data.extend((value.len() as u16).to_be_bytes());
    data.extend(value);
    decoder.feed(&message(256 + u16::from(kind % 3), &data), [0; 16], 1, 1_700_000_000_000_000_001);
    decoder.close();
    for batch in decoder.drain().iter().filter(|batch| batch.table().name() == "flows") {
        let records = batch.records();
        assert_eq!(records.num_rows(), 1);
        let other = records.column_by_name("other").expect("flows have it").as_list::<i32>().value(0);
        let (texts, raws) =
            (other.as_struct().column(1).as_string::<i32>(), other.as_struct().column(2).as_binary::<i32>());
        assert_eq!(raws.value(0), value, "the bytes stay");
        if texts.is_valid(0) {
            let text = texts.value(0);
            assert!(text.len() <= 256 + MOST_CHARACTERS_OF_A_BYTE * value.len(), "{} of {}", text.len(), value.len());
            assert!(is_balanced(text), "{text}");
        }
    }
}

fn templates() -> Vec<u8> {
    let mut body = Vec::new();
    for (id, fields) in TEMPLATES {
        for number in [id, fields.len() as u16].into_iter().chain(fields.iter().flat_map(|&(id, length)| [id, length]))
        {
            body.extend(number.to_be_bytes());
        }
    }
    body
}

fn message(set: u16, body: &[u8]) -> Vec<u8> {
    let mut message = Vec::new();
    for number in [10, 20 + body.len() as u16, 0x6554, 0xf100, 0, 0, 0, 1, set, 4 + body.len() as u16] {
        message.extend(number.to_be_bytes());
    }
    message.extend(body);
    message
}

/// Whether brackets and quotes close as they opened.
fn is_balanced(text: &str) -> bool {
    let mut open = Vec::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '{' => open.push('}'),
            '[' => open.push(']'),
            '}' | ']' if open.pop() != Some(character) => return false,
            '"' => loop {
                match characters.next() {
                    Some('\\') => drop(characters.next()),
                    Some('"') => break,
                    Some('\0'..='\x1f') | None => return false,
                    Some(_) => {}
                }
            },
            _ => {}
        }
    }
    open.is_empty()
}
