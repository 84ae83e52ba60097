use super::{byte_order::ByteOrder, *};

/// Gives one byte at a time, as a pipe may.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.len().min(buffer.len()).min(1);
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

type Seen = (Instant, u32, Vec<u8>, u32);

fn read(bytes: &[u8]) -> (Vec<Seen>, Option<String>) {
    let mut capture = Capture::open(Trickle(bytes)).unwrap();
    let mut seen = Vec::new();
    while let Some(frame) = capture.next() {
        seen.push((frame.timestamp, frame.link_type, frame.data.to_vec(), frame.original_length));
    }
    (seen, capture.damage().map(ToString::to_string))
}

fn words(order: ByteOrder, values: &[u32]) -> Vec<u8> {
    let bytes = |value: &u32| match order {
        ByteOrder::Little => value.to_le_bytes(),
        ByteOrder::Big => value.to_be_bytes(),
    };
    values.iter().flat_map(bytes).collect()
}

fn pcap(order: ByteOrder, magic: u32) -> Vec<u8> {
    // Versions 2 and 4 in one word: its halves are not looked at. 0x14 in front claims a 4-byte FCS.
    let mut file = words(order, &[magic, 0x0004_0002, 0, 0, 65_535, 0x1400_0071]);
    file.extend(words(order, &[1_700_000_000, 5, 3, 60]));
    file.extend([7, 8, 9]);
    file
}

fn block(order: ByteOrder, block_type: u32, body: &[u8]) -> Vec<u8> {
    let mut body = body.to_vec();
    body.resize(body.len().next_multiple_of(4), 0);
    let length = body.len() as u32 + 12;
    let mut block = words(order, &[block_type, length]);
    block.extend(body);
    block.extend(words(order, &[length]));
    block
}

fn section(order: ByteOrder) -> Vec<u8> {
    block(order, pcapng::SECTION_HEADER, &words(order, &[0x1a2b_3c4d, 1, u32::MAX, u32::MAX]))
}

/// `resolution` is the raw `if_tsresol` byte.
fn interface(order: ByteOrder, link_type: u16, snap_length: u32, resolution: u8) -> Vec<u8> {
    let halves = |a: u16, b: u16| match order {
        ByteOrder::Little => [a.to_le_bytes(), b.to_le_bytes()].concat(),
        ByteOrder::Big => [a.to_be_bytes(), b.to_be_bytes()].concat(),
    };
    let mut body = halves(link_type, 0);
    body.extend(words(order, &[snap_length]));
    body.extend(halves(9, 1));
    body.extend([resolution, 0, 0, 0]);
    body.extend(halves(0, 0));
    block(order, 1, &body)
}

fn packet(order: ByteOrder, interface: u32, ticks: u64, data: &[u8]) -> Vec<u8> {
    let length = data.len() as u32;
    let mut body = words(order, &[interface, (ticks >> 32) as u32, ticks as u32, length, length + 40]);
    body.extend(data);
    block(order, 6, &body)
}

#[test]
fn pcap_reads_in_both_byte_orders_and_units() {
    for order in [ByteOrder::Little, ByteOrder::Big] {
        for (magic, fraction) in [(0xa1b2_c3d4, 5_000), (0xa1b2_3c4d, 5)] {
            let (seen, damage) = read(&pcap(order, magic));
            assert_eq!(seen, [(1_700_000_000_000_000_000 + fraction, 113, vec![7, 8, 9], 60)]);
            assert_eq!(damage, None);
        }
    }
}

#[test]
fn a_cut_pcap_gives_what_was_whole_and_says_so() {
    let mut file = pcap(ByteOrder::Little, 0xa1b2_c3d4);
    file.extend(words(ByteOrder::Little, &[1_700_000_001, 0, 500, 500]));
    file.extend([0; 499]);
    let (seen, damage) = read(&file);
    assert_eq!(seen.len(), 1);
    assert!(damage.unwrap().contains("ends inside a record"));
}

#[test]
fn an_absurd_length_ends_the_file_without_memory() {
    let mut file = pcap(ByteOrder::Big, 0xa1b2_c3d4);
    file.extend(words(ByteOrder::Big, &[0, 0, u32::MAX, 0]));
    let (seen, damage) = read(&file);
    assert_eq!(seen.len(), 1);
    assert!(damage.unwrap().contains("16 MiB"));
}

#[test]
fn pcapng_keeps_each_interface_and_each_section_apart() {
    let mut file = Vec::new();
    for order in [ByteOrder::Big, ByteOrder::Little] {
        file.extend(section(order));
        file.extend(interface(order, 1, 0, 6));
        file.extend(interface(order, 113, 0, 9));
        file.extend(interface(order, 101, 0, 0x8a));
        file.extend(block(order, 0x0bad, &[1, 2, 3]));
        file.extend(packet(order, 1, 1_700_000_000_000_000_001, &[1]));
        file.extend(packet(order, 0, 1_700_000_000_000_001, &[2, 2]));
        file.extend(packet(order, 2, (5 << 10) + 512, &[3, 3, 3, 3, 3]));
    }
    let (seen, damage) = read(&file);
    let section = [
        (1_700_000_000_000_000_001, 113, vec![1], 41),
        (1_700_000_000_000_001_000, 1, vec![2, 2], 42),
        (5_500_000_000, 101, vec![3; 5], 45),
    ];
    assert_eq!(seen, [section.clone(), section].concat());
    assert_eq!(damage, None);
}

#[test]
fn a_simple_packet_is_cut_at_the_snap_length_and_keeps_the_last_time() {
    let order = ByteOrder::Little;
    let mut file = [section(order), interface(order, 1, 4, 9), packet(order, 0, 77, &[1])].concat();
    file.extend(block(order, 3, &[&words(order, &[9])[..], &[1, 2, 3, 4]].concat()));
    assert_eq!(read(&file).0[1], (77, 1, vec![1, 2, 3, 4], 9));
}

#[test]
fn an_unknown_interface_ends_the_file() {
    let order = ByteOrder::Little;
    let file = [section(order), packet(order, 0, 0, &[1])].concat();
    assert!(read(&file).1.unwrap().contains("not described"));
}

#[test]
fn a_cut_pcapng_never_panics() {
    let order = ByteOrder::Big;
    let file = [section(order), interface(order, 1, 0, 9), packet(order, 0, 1, &[1, 2])].concat();
    for length in 4..file.len() {
        let (seen, damage) = read(&file[..length]);
        let ends_between_blocks = [section(order).len(), section(order).len() + interface(order, 1, 0, 9).len()];
        assert!(seen.is_empty());
        assert_eq!(damage.is_none(), ends_between_blocks.contains(&length), "at {length}");
    }
}

#[test]
fn other_files_are_refused() {
    for bytes in [&b""[..], b"\x00\x05", b"PK\x03\x04zip"] {
        assert!(matches!(Capture::open(bytes), Err(CaptureError::UnknownFormat)));
    }
}

#[test]
fn what_we_write_is_read_as_it_was() {
    let mut file = Vec::new();
    pcapng_writing::begin_section(&mut file, "tidegauge", "udp://[::]:2055");
    for length in 0..6 {
        pcapng_writing::packet(&mut file, 1_700_000_000_000_000_001, [&[1; 3], &vec![2; length]]);
    }
    let (seen, damage) = read(&file);
    assert_eq!(damage, None);
    for (length, seen) in seen.into_iter().enumerate() {
        let data = [vec![1; 3], vec![2; length]].concat();
        assert_eq!(seen, (1_700_000_000_000_000_001, 101, data, 3 + length as u32));
    }
}
