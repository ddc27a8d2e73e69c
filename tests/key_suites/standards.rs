//! Known answers of the algorithms: a crate or version that computes something else fails here.

use ascon_aead::aead::{AeadInOut, KeyInit};
use ascon_hash::{AsconXof128, ExtendableOutput, Update, XofReader};

fn bytes(hexadecimal: &str) -> Vec<u8> {
    (0..hexadecimal.len()).step_by(2).map(|at| u8::from_str_radix(&hexadecimal[at..at + 2], 16).unwrap()).collect()
}

fn counting(length: usize) -> Vec<u8> {
    (0..length).map(|at| at as u8).collect()
}

/// From the test vectors of the Ascon team for NIST SP 800-232: the bytes of associated data and of plaintext, which count from 0,
/// as do key and nonce; ciphertext and tag.
const AEAD: [(usize, usize, &str); 5] = [
    (0, 0, "4427D64B8E1E1451FC445960F0839BB0"),
    (9, 0, "199B9F815BA37A386D283F504B8D2277"),
    (0, 1, "E79F58F1F541FC51B5D438F8E1DD03F147"),
    (4, 15, "4A53D9966D87BFED686585FE7A28C7B64D3EDA09F51BA9F7D619E4C5E77EA0"),
    (32, 32, "4C086D27A3B51A2333CFC7F22172A9BCAD88B8D4D77E50622D788345FA7BEE4468915D3F9422289F2349D6A3B4160397"),
];

#[test]
fn ascon_aead128_is_that_of_sp_800_232() {
    let sixteen: [u8; 16] = counting(16).try_into().unwrap();
    let cipher = ascon_aead::AsconAead128::new(&sixteen.into());
    for (beside, text, expected) in AEAD {
        let (beside, mut text) = (counting(beside), counting(text));
        let tag = cipher.encrypt_inout_detached(&sixteen.into(), &beside, text.as_mut_slice().into()).unwrap();
        assert_eq!([&text[..], &tag].concat(), bytes(expected));
        cipher.decrypt_inout_detached(&sixteen.into(), &beside, text.as_mut_slice().into(), &tag).unwrap();
        assert_eq!(text, counting(text.len()));
    }
}

/// Of the same vectors: the bytes of the message, which count from 0, and 32 bytes of output.
const XOF: [(usize, &str); 3] = [
    (0, "473D5E6164F58B39DFD84AACDB8AE42EC2D91FED33388EE0D960D9B3993295C6"),
    (8, "8D1886F5D3EC4AF8D15B44BC62B74DA6EA91BC28FB82F9C34079B5ED6E38B6C9"),
    (17, "233AF64F97CA9BD97BAE06270571E57215C5CB5BA4038536C5C128DA1D3A379A"),
];

#[test]
fn ascon_xof128_is_that_of_sp_800_232() {
    for (length, expected) in XOF {
        let mut xof = AsconXof128::default();
        xof.update(&counting(length));
        let mut out = [0; 32];
        xof.finalize_xof().read(&mut out);
        assert_eq!(out[..], bytes(expected));
    }
}

#[cfg(feature = "forward-secret")]
mod forward_secret {
    use chacha20::{KeyIvInit, cipher::StreamCipherCore};
    use curve25519_dalek::MontgomeryPoint;
    use poly1305::{Poly1305, universal_hash::KeyInit};

    use super::{bytes, counting};

    fn array<const N: usize>(hexadecimal: &str) -> [u8; N] {
        bytes(hexadecimal).try_into().unwrap()
    }

    #[test]
    fn x25519_is_that_of_rfc_7748() {
        let secret = array("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4");
        let point = array("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c");
        let product = MontgomeryPoint(point).mul_clamped(secret).to_bytes();
        assert_eq!(product, array("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"));
    }

    #[test]
    fn chacha20_is_that_of_rfc_8439() {
        // §2.3.2, at block 1.
        let key: [u8; 32] = counting(32).try_into().unwrap();
        let nonce: [u8; 12] = array("000000090000004a00000000");
        let mut stream =
            chacha20::ChaChaCore::<chacha20::R20, chacha20::variants::Ietf>::new(&key.into(), &nonce.into());
        let mut block = [0; 64].into();
        stream.write_keystream_block(&mut block);
        stream.write_keystream_block(&mut block);
        let expected = "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e\
                        d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e";
        assert_eq!(block[..], bytes(expected));
    }

    #[test]
    fn poly1305_is_that_of_rfc_8439() {
        // §2.5.2.
        let key: [u8; 32] = array("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b");
        let tag = Poly1305::new(&key.into()).compute_unpadded(b"Cryptographic Forum Research Group");
        assert_eq!(tag[..], bytes("a8061dc1305136c6c22b8baf0c0127a9"));
    }
}
