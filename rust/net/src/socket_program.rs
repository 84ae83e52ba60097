//! Programs that the kernel runs for a socket: classic BPF, written instruction by instruction.
//!
//! They compute with one word, called the sum here; what is loaded stands in network byte order. Jumps go forward.

use libc::sock_filter;

/// A program being written.
#[derive(Default)]
pub struct SocketProgram {
    code: Vec<sock_filter>,
}

/// A jump that has yet to land.
pub enum Jump {
    /// Taken where the condition holds.
    When(usize),
    /// Taken where it does not.
    Unless(usize),
    /// Taken always.
    Always(usize),
}

impl SocketProgram {
    /// Load how long the datagram is.
    pub fn load_length(&mut self) {
        self.push(libc::BPF_LD | libc::BPF_W | libc::BPF_LEN, 0);
    }

    /// Load a word; where there is none, the program ends and returns 0.
    pub fn load(&mut self, at: i32) {
        self.push(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, at.cast_unsigned());
    }

    /// Load a byte, likewise.
    pub fn load_byte(&mut self, at: i32) {
        self.push(libc::BPF_LD | libc::BPF_B | libc::BPF_ABS, at.cast_unsigned());
    }

    /// Add a number.
    pub fn add(&mut self, number: u32) {
        self.push(libc::BPF_ALU | libc::BPF_ADD | libc::BPF_K, number);
    }

    /// Add a word that is loaded.
    pub fn add_loaded(&mut self, at: i32) {
        self.push(libc::BPF_MISC | libc::BPF_TAX, 0);
        self.load(at);
        self.push(libc::BPF_ALU | libc::BPF_ADD | libc::BPF_X, 0);
    }

    /// Multiply, modulo 2^32.
    pub fn multiply(&mut self, factor: u32) {
        self.push(libc::BPF_ALU | libc::BPF_MUL | libc::BPF_K, factor);
    }

    /// Keep the rest of a division.
    pub fn modulo(&mut self, divisor: u32) {
        self.push(libc::BPF_ALU | libc::BPF_MOD | libc::BPF_K, divisor);
    }

    /// Drop the lowest bits.
    pub fn shift_right(&mut self, bits: u32) {
        self.push(libc::BPF_ALU | libc::BPF_RSH | libc::BPF_K, bits);
    }

    /// Flip the bits that are set in the sum without its lowest ones.
    pub fn xor_shifted(&mut self, bits: u32) {
        self.push(libc::BPF_MISC | libc::BPF_TAX, 0);
        self.shift_right(bits);
        self.push(libc::BPF_ALU | libc::BPF_XOR | libc::BPF_X, 0);
    }

    /// Jump where a comparison with a number holds.
    pub fn when(&mut self, comparison: u32, number: u32) -> Jump {
        self.push(libc::BPF_JMP | comparison | libc::BPF_K, number);
        Jump::When(self.code.len())
    }

    /// Jump where it does not.
    pub fn unless(&mut self, comparison: u32, number: u32) -> Jump {
        self.push(libc::BPF_JMP | comparison | libc::BPF_K, number);
        Jump::Unless(self.code.len())
    }

    /// Jump.
    pub fn jump(&mut self) -> Jump {
        self.push(libc::BPF_JMP | libc::BPF_JA, 0);
        Jump::Always(self.code.len())
    }

    /// Let jumps land before the next instruction.
    pub fn land(&mut self, jumps: &[Jump]) {
        let here = self.code.len();
        for jump in jumps {
            match *jump {
                Jump::When(from) => self.code[from - 1].jt = (here - from) as u8,
                Jump::Unless(from) => self.code[from - 1].jf = (here - from) as u8,
                Jump::Always(from) => self.code[from - 1].k = (here - from) as u32,
            }
        }
    }

    /// End, and return the sum.
    pub fn finish(mut self) -> Vec<sock_filter> {
        self.push(libc::BPF_RET | libc::BPF_A, 0);
        self.code
    }

    fn push(&mut self, code: u32, k: u32) {
        self.code.push(sock_filter { code: code as u16, jt: 0, jf: 0, k });
    }
}
