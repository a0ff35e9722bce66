using Hatchery.Wire.Iscsi;

namespace Hatchery.Wire.Tests.Iscsi;

public sealed class IscsiDigestTests
{
    // RFC 7143 appendix A.4; the RFC prints them in the order of the wire.
    [Theory]
    [InlineData(0x00, "aa36918a")]
    [InlineData(0xff, "43aba862")]
    public void Digests_of_32_equal_bytes_are_those_of_the_RFC(byte value, string expected)
    {
        var bytes = new byte[32];
        bytes.AsSpan().Fill(value);
        Span<byte> digest = stackalloc byte[4];
        IscsiDigest.Write(IscsiDigest.Compute(bytes), digest);
        Assert.Equal(expected, Convert.ToHexStringLower(digest));
        Assert.True(IscsiDigest.Matches(bytes, digest));
    }

    [Fact]
    public void Ascending_bytes_have_the_digest_of_the_RFC()
    {
        var bytes = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        Span<byte> digest = stackalloc byte[4];
        IscsiDigest.Write(IscsiDigest.Compute(bytes.AsSpan(0, 13), bytes.AsSpan(13)), digest);
        Assert.Equal("4e79dd46", Convert.ToHexStringLower(digest));
    }

    [Fact]
    public void One_changed_bit_is_noticed()
    {
        var bytes = new byte[48];
        var digest = new byte[4];
        IscsiDigest.Write(IscsiDigest.Compute(bytes), digest);
        bytes[17] ^= 4;
        Assert.False(IscsiDigest.Matches(bytes, digest));
    }
}
