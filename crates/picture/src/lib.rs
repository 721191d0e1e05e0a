//! Pictures: told by their first bytes, decoded within limits, with smaller copies.
//!
//! A crate of its own, so that a build for development can optimise it alone.

use std::io::Cursor;

use bytes::Bytes;
use image::imageops::FilterType;
use image::{DynamicImage, ImageReader, Limits};

/// Widths of the smaller copies, in pixels.
const WIDTHS: [u32; 3] = [160, 480, 960];
/// How true copies are, of 100.
const QUALITY: f32 = 82.0;
/// Widest and highest picture that is decoded: beyond, it is a bomb.
const SIDE_LIMIT: u32 = 12_000;

/// Not a PNG, JPEG, GIF or WebP, or not a whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a picture")]
pub struct NotAPicture;

/// A picture with its copies.
#[derive(Clone, Debug)]
pub struct Made {
    /// The bytes as they came.
    pub original: Bytes,
    /// Media type, told by the first bytes.
    pub media_type: &'static str,
    /// Pixels.
    pub width: i32,
    /// Pixels.
    pub height: i32,
    /// Width, height and WebP of each copy that is narrower than the original.
    pub copies: Vec<(i32, i32, Bytes)>,
}

/// Decodes a picture and makes its copies. It takes a while: not for an event loop.
///
/// # Errors
/// [`NotAPicture`].
pub fn make(original: Bytes) -> Result<Made, NotAPicture> {
    let media_type = match infer::get(&original).map(|kind| kind.mime_type()) {
        Some("image/png") => "image/png",
        Some("image/jpeg") => "image/jpeg",
        Some("image/gif") => "image/gif",
        Some("image/webp") => "image/webp",
        _ => return Err(NotAPicture),
    };
    let mut reader = ImageReader::new(Cursor::new(&original)).with_guessed_format().map_err(|_| NotAPicture)?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_LIMIT);
    limits.max_image_height = Some(SIDE_LIMIT);
    reader.limits(limits);
    let picture = reader.decode().map_err(|_| NotAPicture)?;
    let (width, height) = (picture.width(), picture.height());
    let mut copies = Vec::new();
    for wanted in WIDTHS.into_iter().filter(|wanted| *wanted < width) {
        let copy = picture.resize(wanted, u32::MAX, FilterType::CatmullRom);
        copies.push((side(copy.width()), side(copy.height()), encode(&copy)));
    }
    Ok(Made { original, media_type, width: side(width), height: side(height), copies })
}

/// WebP with a loss that nobody sees in a copy this small.
fn encode(picture: &DynamicImage) -> Bytes {
    let (width, height) = (picture.width(), picture.height());
    let memory = if picture.color().has_alpha() {
        webp::Encoder::from_rgba(&picture.to_rgba8(), width, height).encode(QUALITY)
    } else {
        webp::Encoder::from_rgb(&picture.to_rgb8(), width, height).encode(QUALITY)
    };
    Bytes::copy_from_slice(&memory)
}

fn side(pixels: u32) -> i32 {
    i32::try_from(pixels).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use image::ImageFormat;

    use super::*;

    fn png(width: u32, height: u32) -> Bytes {
        let mut out = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(width, height).write_to(&mut out, ImageFormat::Png).unwrap();
        out.into_inner().into()
    }

    #[test]
    fn m2_8_a_picture_gets_smaller_copies_of_its_shape() {
        let made = make(png(1000, 500)).unwrap();
        assert_eq!((made.media_type, made.width, made.height), ("image/png", 1000, 500));
        let sizes: Vec<(i32, i32)> = made.copies.iter().map(|(width, height, _)| (*width, *height)).collect();
        assert_eq!(sizes, [(160, 80), (480, 240), (960, 480)]);
        assert!(made.copies.iter().all(|(_, _, bytes)| infer::get(bytes).unwrap().mime_type() == "image/webp"));
        assert_eq!(make(png(100, 100)).unwrap().copies.len(), 0);
    }

    #[test]
    fn m2_8_a_copy_is_smaller_than_the_picture_and_keeps_its_transparency() {
        let noisy = image::RgbaImage::from_fn(600, 600, |x, y| {
            let grain = u8::try_from((x * 7919 + y * 104_729) % 61).unwrap();
            image::Rgba([grain, u8::try_from(x / 3).unwrap(), u8::try_from(y / 3).unwrap(), if x < 300 { 0 } else { 255 }])
        });
        let mut png = Cursor::new(Vec::new());
        DynamicImage::ImageRgba8(noisy).write_to(&mut png, ImageFormat::Png).unwrap();
        let made = make(png.into_inner().into()).unwrap();
        let (_, _, largest) = made.copies.last().unwrap();
        assert!(largest.len() * 4 < made.original.len(), "{} of {}", largest.len(), made.original.len());
        let read = image::load_from_memory(largest).unwrap().to_rgba8();
        assert_eq!((read.get_pixel(40, 40)[3], read.get_pixel(440, 40)[3]), (0, 255));
    }

    #[test]
    fn m2_8_the_type_is_told_by_content() {
        assert!(matches!(make(Bytes::from_static(b"<svg onload=alert(1)>")), Err(NotAPicture)));
        assert!(matches!(make(Bytes::from_static(b"\x89PNG\r\n\x1a\ncut short")), Err(NotAPicture)));
        assert!(matches!(make(Bytes::new()), Err(NotAPicture)));
    }
}
