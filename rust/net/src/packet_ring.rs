//! Frames as they pass an interface: a ring of memory shared with the kernel (`AF_PACKET`, `TPACKET_V3`).
//!
//! The kernel fills a block and hands it over when it is full or old; we read it in place and hand it back. Nothing is
//! copied, and no system call is made while blocks keep coming. What it has no block for it drops and counts.

use std::{
    ffi::CString,
    io,
    mem::{self, size_of, size_of_val},
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
    slice,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use libc::{c_int, c_void, sockaddr_ll, tpacket_block_desc, tpacket3_hdr};
use memmap2::{MmapOptions, MmapRaw};
use tidegauge_core::{
    capture::Frame,
    metering::{Delivery, Direction},
    time::SECOND,
};

const BLOCK_BYTES: usize = 1 << 18;
const BLOCKS: usize = 128;
/// The kernel wants a frame size although blocks hold frames of any; it bounds nothing else.
const FRAME_BYTES: usize = 1 << 11;
/// A frame is copied into the ring up to here. Headers need less; super-frames of 64 kB would fill it with payload.
const SNAP_BYTES: u32 = 2048;
/// A block that has frames is handed over at this age, full or not.
pub const BLOCK_AGE: Duration = Duration::from_millis(60);

/// Length of `struct virtio_net_hdr`, which the kernel puts in front of a frame.
const OFFLOAD_BYTES: usize = 10;
/// Place of `gso_size` in it.
const SEGMENT_BYTES_AT: usize = 4;

const VLAN_MASK: u32 = 0x0fff;

// Link types of tcpdump.org.
const LINK_ETHERNET: u32 = 1;
const LINK_RAW: u32 = 101;

/// One interface being listened to.
pub struct PacketRing {
    socket: OwnedFd,
    memory: MmapRaw,
    layout: Layout,
    /// Block that comes next.
    position: usize,
    /// The interface's index.
    interface: u32,
}

// SAFETY: the mapping belongs to this value alone; blocks are read through `&mut self` only.
unsafe impl Send for PacketRing {}

impl PacketRing {
    /// Start to listen; with `companions`, share the interface's frames with them by the flow they belong to.
    ///
    /// # Errors
    /// When there is no such interface, or the right to listen is missing (`PermissionDenied`).
    pub fn open(name: &str, companion: Option<&Self>) -> io::Result<Self> {
        let interface = interface_index(name)?;
        let mut socket = packet_socket(libc::SOCK_RAW)?;
        let hardware = hardware_type(&socket, name)?;
        let layout = Layout::of(hardware);
        if !layout.tells_offload {
            socket = packet_socket(libc::SOCK_DGRAM)?;
        }
        set(&socket, libc::SOL_PACKET, libc::PACKET_VERSION, &(libc::tpacket_versions::TPACKET_V3 as c_int))?;
        if layout.tells_offload {
            set(&socket, libc::SOL_PACKET, libc::PACKET_VNET_HDR, &1)?;
        }
        cut_at(&socket, SNAP_BYTES)?;
        listen_to_everything(&socket, interface)?;
        bind(&socket, interface)?;
        // What leaves by the loopback comes in by it too, and would count twice.
        share(&socket, companion, hardware == libc::ARPHRD_LOOPBACK)?;
        // The ring comes last: what came in by then is forgotten, and nothing counts for two companions.
        let memory = map_ring(&socket)?;
        let ring = Self { socket, memory, layout, position: 0, interface };
        ring.dropped()?;
        Ok(ring)
    }

    /// The interface's index.
    pub fn interface(&self) -> u32 {
        self.interface
    }

    /// Wait for a block and show its frames; nothing is shown after waiting in vain.
    ///
    /// # Errors
    /// When the interface is gone (`NotFound`).
    pub fn read(&mut self, wait: Duration, show: impl FnOnce(Frames<'_>)) -> io::Result<()> {
        let start = self.memory.as_mut_ptr().wrapping_add(self.position * BLOCK_BYTES).cast::<c_void>();
        // SAFETY: the ring has BLOCKS blocks of BLOCK_BYTES, each begins with a descriptor, and `position` is below BLOCKS.
        // The status is the one word that both sides write, always whole.
        let status = unsafe {
            let descriptor = start.cast::<tpacket_block_desc>();
            AtomicU32::from_ptr(&raw mut (*descriptor).hdr.bh1.block_status)
        };
        if status.load(Ordering::Acquire) & libc::TP_STATUS_USER == 0 {
            self.wait(wait)?;
            if status.load(Ordering::Acquire) & libc::TP_STATUS_USER == 0 {
                return Ok(());
            }
        }
        // SAFETY: the status says that the block is ours until we write it back; it lies within the mapping.
        let block = unsafe { slice::from_raw_parts(start.cast_const().cast(), BLOCK_BYTES) };
        show(Frames::of(block, self.layout));
        status.store(libc::TP_STATUS_KERNEL, Ordering::Release);
        self.position = (self.position + 1) % BLOCKS;
        Ok(())
    }

    /// Frames that the kernel had no room for since this was last asked.
    ///
    /// # Errors
    /// When the kernel does not say.
    pub fn dropped(&self) -> io::Result<u64> {
        let mut statistics = libc::tpacket_stats_v3 { tp_packets: 0, tp_drops: 0, tp_freeze_q_cnt: 0 };
        get(&self.socket, libc::PACKET_STATISTICS, &mut statistics)?;
        Ok(statistics.tp_drops.into())
    }

    fn wait(&self, wait: Duration) -> io::Result<()> {
        let mut poll = libc::pollfd { fd: self.socket.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: one live structure, and its count.
        let ready = unsafe { libc::poll(&raw mut poll, 1, wait.as_millis() as c_int) };
        if ready > 0 && poll.revents & libc::POLLERR != 0 {
            let mut code: c_int = 0;
            get_at(&self.socket, libc::SOL_SOCKET, libc::SO_ERROR, &mut code)?;
        }
        if ready == 0 { self.look_for_interface() } else { Ok(()) }
    }

    /// The kernel unties a socket from an interface that is removed. One that is down stays, and may come up again.
    fn look_for_interface(&self) -> io::Result<()> {
        // SAFETY: integers in C layout, which may all be 0.
        let mut address: sockaddr_ll = unsafe { mem::zeroed() };
        let mut length = size_of::<sockaddr_ll>() as libc::socklen_t;
        // SAFETY: a live address of the length given.
        let result = unsafe { libc::getsockname(self.socket.as_raw_fd(), (&raw mut address).cast(), &raw mut length) };
        if result != 0 {
            return Err(io::Error::last_os_error());
        }
        if address.sll_ifindex == self.interface as c_int { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) }
    }
}

/// What the kernel puts in front of IP.
#[derive(Clone, Copy)]
struct Layout {
    link_type: u32,
    /// Whether it tells of segmentation offload. It does not where it takes the link's header off.
    tells_offload: bool,
}

impl Layout {
    /// Ethernet comes with its header, and links without headers come as they are. Others have headers of many kinds:
    /// there the kernel takes them off.
    fn of(hardware: u16) -> Self {
        match hardware {
            libc::ARPHRD_ETHER | libc::ARPHRD_LOOPBACK => Self { link_type: LINK_ETHERNET, tells_offload: true },
            libc::ARPHRD_NONE => Self { link_type: LINK_RAW, tells_offload: true },
            _ => Self { link_type: LINK_RAW, tells_offload: false },
        }
    }
}

/// The frames of a block.
pub struct Frames<'a> {
    block: &'a [u8],
    layout: Layout,
    at: usize,
    left: u32,
}

impl<'a> Frames<'a> {
    fn of(block: &'a [u8], layout: Layout) -> Self {
        // SAFETY: a block begins with its descriptor, in integers that may have any value.
        let header = unsafe { block.as_ptr().cast::<c_void>().cast::<tpacket_block_desc>().read().hdr.bh1 };
        Self { block, layout, at: header.offset_to_first_pkt as usize, left: header.num_pkts }
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = (Frame<'a>, Delivery);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let frame = self.block.get(self.at..).filter(|frame| frame.len() >= libc::TPACKET3_HDRLEN)?;
        let header = read_header(frame);
        self.at += header.tp_next_offset as usize;
        let start = usize::from(header.tp_mac);
        let data = frame.get(start..start + header.tp_snaplen as usize)?;
        let offload =
            if self.layout.tells_offload { frame.get(start.checked_sub(OFFLOAD_BYTES)?..start) } else { None };
        let segment_bytes = offload.and_then(|offload| offload[SEGMENT_BYTES_AT..].first_chunk());
        let is_egress = read_sender(frame).sll_pkttype == libc::PACKET_OUTGOING;
        let is_tagged = header.tp_status & libc::TP_STATUS_VLAN_VALID != 0;
        Some((
            Frame {
                timestamp: i64::from(header.tp_sec) * SECOND + i64::from(header.tp_nsec),
                link_type: self.layout.link_type,
                data,
                original_length: header.tp_len,
            },
            Delivery {
                direction: Some(if is_egress { Direction::Egress } else { Direction::Ingress }),
                vlan: is_tagged.then_some((header.hv1.tp_vlan_tci & VLAN_MASK) as u16),
                segment_bytes: segment_bytes.map_or(0, |size| u16::from_ne_bytes(*size)),
            },
        ))
    }
}

#[inline]
fn read_header(frame: &[u8]) -> tpacket3_hdr {
    debug_assert!(frame.len() >= size_of::<tpacket3_hdr>());
    // SAFETY: the caller saw that there is room for the header, which is integers; read as it lies.
    unsafe { frame.as_ptr().cast::<tpacket3_hdr>().read_unaligned() }
}

/// The address structure behind the header says which way the frame went.
#[inline]
fn read_sender(frame: &[u8]) -> sockaddr_ll {
    const AT: usize = libc::TPACKET3_HDRLEN - size_of::<sockaddr_ll>();
    debug_assert!(frame.len() >= libc::TPACKET3_HDRLEN);
    // SAFETY: as above.
    unsafe { frame.as_ptr().add(AT).cast::<sockaddr_ll>().read_unaligned() }
}

fn interface_index(name: &str) -> io::Result<u32> {
    let absent = || io::Error::new(io::ErrorKind::NotFound, format!("there is no interface {name}"));
    let text = CString::new(name).map_err(|_| absent())?;
    // SAFETY: a string that ends with a null.
    let index = unsafe { libc::if_nametoindex(text.as_ptr()) };
    if index == 0 { Err(absent()) } else { Ok(index) }
}

fn packet_socket(kind: c_int) -> io::Result<OwnedFd> {
    // Protocol 0: nothing comes in before the socket is bound to its interface.
    // SAFETY: no pointers; the result is checked before it is owned.
    let descriptor = unsafe { libc::socket(libc::AF_PACKET, kind | libc::SOCK_CLOEXEC, 0) };
    if descriptor < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a descriptor that the kernel just gave us.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// What kind of link it is, as the kernel numbers them.
fn hardware_type(socket: &OwnedFd, name: &str) -> io::Result<u16> {
    // SAFETY: integers in C layout, which may all be 0.
    let mut request: libc::ifreq = unsafe { mem::zeroed() };
    // An interface's name is shorter than this, or it would not have been found.
    for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *to = from as libc::c_char;
    }
    // SAFETY: a live structure of the type that this request reads and writes.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCGIFHWADDR as _, &raw mut request) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel filled in this member.
    Ok(unsafe { request.ifr_ifru.ifru_hwaddr.sa_family })
}

/// Attach the shortest of filters: every frame, up to a length.
fn cut_at(socket: &OwnedFd, bytes: u32) -> io::Result<()> {
    let mut program = [libc::sock_filter { code: (libc::BPF_RET | libc::BPF_K) as u16, jt: 0, jf: 0, k: bytes }];
    let program = libc::sock_fprog { len: 1, filter: program.as_mut_ptr() };
    set(socket, libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &program)
}

/// Take frames to others in as well: on a span port nothing is meant for us.
fn listen_to_everything(socket: &OwnedFd, interface: u32) -> io::Result<()> {
    let wish = libc::packet_mreq {
        mr_ifindex: interface as c_int,
        mr_type: libc::PACKET_MR_PROMISC as u16,
        mr_alen: 0,
        mr_address: [0; 8],
    };
    set(socket, libc::SOL_PACKET, libc::PACKET_ADD_MEMBERSHIP, &wish)
}

fn bind(socket: &OwnedFd, interface: u32) -> io::Result<()> {
    let address = sockaddr_ll {
        sll_family: libc::AF_PACKET as u16,
        sll_protocol: (libc::ETH_P_ALL as u16).to_be(),
        sll_ifindex: interface as c_int,
        sll_hatype: 0,
        sll_pkttype: 0,
        sll_halen: 0,
        sll_addr: [0; 8],
    };
    // SAFETY: a live address of the length given.
    let result = unsafe {
        libc::bind(socket.as_raw_fd(), (&raw const address).cast(), size_of::<sockaddr_ll>() as libc::socklen_t)
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Join the group of a companion, or found one: the kernel gives all frames of a flow, both ways, to the same member.
///
/// That outgoing frames are ignored has to be said of the group: what its members said of themselves no longer counts.
fn share(socket: &OwnedFd, companion: Option<&PacketRing>, ignores_outgoing: bool) -> io::Result<()> {
    let ignoring = if ignores_outgoing { libc::PACKET_FANOUT_FLAG_IGNORE_OUTGOING } else { 0 };
    let mut group: u32 = (libc::PACKET_FANOUT_HASH | libc::PACKET_FANOUT_FLAG_UNIQUEID | ignoring) << 16;
    if let Some(companion) = companion {
        get(&companion.socket, libc::PACKET_FANOUT, &mut group)?;
    }
    set(socket, libc::SOL_PACKET, libc::PACKET_FANOUT, &group)
}

fn map_ring(socket: &OwnedFd) -> io::Result<MmapRaw> {
    let request = libc::tpacket_req3 {
        tp_block_size: BLOCK_BYTES as u32,
        tp_block_nr: BLOCKS as u32,
        tp_frame_size: FRAME_BYTES as u32,
        tp_frame_nr: (BLOCK_BYTES / FRAME_BYTES * BLOCKS) as u32,
        tp_retire_blk_tov: BLOCK_AGE.as_millis() as u32,
        tp_sizeof_priv: 0,
        tp_feature_req_word: 0,
    };
    set(socket, libc::SOL_PACKET, libc::PACKET_RX_RING, &request)?;
    MmapOptions::new().len(BLOCK_BYTES * BLOCKS).map_raw(socket)
}

fn set<T>(socket: &OwnedFd, level: c_int, option: c_int, value: &T) -> io::Result<()> {
    let length = size_of_val(value) as libc::socklen_t;
    // SAFETY: a live value of the length given.
    let result =
        unsafe { libc::setsockopt(socket.as_raw_fd(), level, option, (&raw const *value).cast::<c_void>(), length) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn get<T>(socket: &OwnedFd, option: c_int, value: &mut T) -> io::Result<()> {
    get_at(socket, libc::SOL_PACKET, option, value)
}

fn get_at<T>(socket: &OwnedFd, level: c_int, option: c_int, value: &mut T) -> io::Result<()> {
    let mut length = size_of_val(value) as libc::socklen_t;
    // SAFETY: a live value of the length given, in integers of which any bits are one.
    let result = unsafe {
        libc::getsockopt(socket.as_raw_fd(), level, option, (&raw mut *value).cast::<c_void>(), &raw mut length)
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
