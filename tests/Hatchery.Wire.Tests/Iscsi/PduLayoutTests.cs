using Hatchery.Wire.Iscsi;

namespace Hatchery.Wire.Tests.Iscsi;

public sealed class PduLayoutTests
{
    [Fact]
    public void Data_stands_behind_headers_and_digest_and_is_padded_to_words()
    {
        var header = new byte[48];
        new NopOut(true, 5, 0, 1, PduHeader.NoTag, 1, 1).Write(header);
        header[4] = 2;
        Assert.True(PduLayout.TryMeasure(header, headerDigest: true, dataDigest: true, out var layout));
        Assert.Equal(60, layout.DataOffset);
        Assert.Equal(68, layout.DataDigestOffset);
        Assert.Equal(72, layout.TotalLength);
    }

    [Fact]
    public void An_empty_data_segment_has_no_digest()
    {
        Assert.True(PduLayout.TryMeasure(new byte[48], headerDigest: false, dataDigest: true, out var layout));
        Assert.Equal(48, layout.TotalLength);
    }

    [Fact]
    public void Half_a_header_has_no_layout() =>
        Assert.False(PduLayout.TryMeasure(new byte[47], headerDigest: false, dataDigest: false, out _));
}
