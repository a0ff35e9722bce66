using Hatchery.Disks;

namespace Hatchery.Devices.Tests;

public sealed class BootNonceTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DeviceId s_device = new(Guid.Parse("11111111111111111111111111111111"));
    private readonly BootNonce _nonces = new(new byte[32]);

    [Fact]
    public void Issued_nonce_verifies_for_its_device_only()
    {
        var nonce = _nonces.Issue(s_device, null, s_now);
        Assert.True(_nonces.Verify(s_device, nonce));
        Assert.False(_nonces.Verify(new(Guid.Parse("22222222222222222222222222222222")), nonce));
    }

    [Fact]
    public void Nonce_of_another_farm_does_not_verify()
    {
        var secret = new byte[32];
        secret[31] = 1;
        Assert.False(_nonces.Verify(s_device, new BootNonce(secret).Issue(s_device, null, s_now)));
    }

    [Fact]
    public void Any_changed_bit_is_noticed()
    {
        var bytes = _nonces.Issue(s_device, null, s_now).Value.ToByteArray();
        for (var bit = 0; bit < 128; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(_nonces.Verify(s_device, new(new Guid(bytes))));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Later_nonce_has_a_higher_ordinal()
    {
        var first = _nonces.Issue(s_device, null, s_now);
        var second = _nonces.Issue(s_device, first, s_now.AddSeconds(1));
        Assert.True(BootNonce.OrdinalOf(second) > BootNonce.OrdinalOf(first));
    }

    [Fact]
    public void Nonce_is_newer_than_the_current_boot_even_when_the_clock_went_back()
    {
        var current = _nonces.Issue(s_device, null, s_now);
        var next = _nonces.Issue(s_device, current, s_now.AddDays(-400));
        Assert.True(BootNonce.OrdinalOf(next) > BootNonce.OrdinalOf(current));
        Assert.True(_nonces.Verify(s_device, next));
    }
}
