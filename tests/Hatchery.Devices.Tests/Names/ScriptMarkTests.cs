using Hatchery.Disks;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Devices.Tests;

public sealed class ScriptMarkTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DeviceId s_device = new(Guid.Parse("11111111111111111111111111111111"));
    private static readonly VDiskId s_disk = new(Guid.Parse("22222222222222222222222222222222"));
    private static readonly LayerId s_image = new(Guid.Parse("33333333333333333333333333333333"));
    private readonly BootNonce _nonces = new(new byte[32]);

    [Fact]
    public void Mark_allows_what_it_was_made_for_and_nothing_else()
    {
        var mark = ScriptMark.Of(s_disk, s_image, 3, hasOwnCache: false);
        Assert.True(mark.Allows(s_disk, s_image, 3));
        Assert.False(mark.Allows(s_disk, s_image));
        Assert.False(mark.Allows(s_disk, s_image, 4));
        Assert.False(mark.Allows(s_disk, new(s_disk.Value), 3));
        Assert.False(mark.Allows(new(s_image.Value), s_image, 3));
        Assert.True(mark.AllowsCache(isOwn: false));
        Assert.False(mark.AllowsCache(isOwn: true));
        Assert.True(ScriptMark.Of(s_disk, s_image, 3, hasOwnCache: true).AllowsCache(isOwn: true));
    }

    [Fact]
    public void Script_that_says_nothing_allows_everything()
    {
        Assert.True(default(ScriptMark).Allows(s_disk, s_image, 3));
        Assert.True(default(ScriptMark).AllowsCache(isOwn: true));
        Assert.True(BootNonce.MarkOf(null).IsNone);
        Assert.True(BootNonce.MarkOf(_nonces.Issue(s_device, null, s_now)).IsNone);
    }

    /// <summary>Milliseconds with 16 bits of nothing behind them, and one more than the current boot where the clock is behind.</summary>
    [Fact]
    public void Nonce_of_a_server_of_before_says_nothing()
    {
        var random = Seed.New(output);
        for (var i = 0; i < 1000; i++)
        {
            var ordinal = ((ulong)s_now.ToUnixTimeMilliseconds() + (ulong)random.Next()) << 16;
            Assert.True(ScriptMark.In(ordinal + (ulong)random.Next(10)).IsNone);
        }
    }

    /// <summary>Two machines with one address, or one that is reset at once: the second script is of another boot.</summary>
    [Fact]
    public void Nonces_of_one_millisecond_after_another_differ()
    {
        var mark = ScriptMark.Of(s_disk, s_image, 3, hasOwnCache: false);
        Assert.NotEqual(
            _nonces.Issue(s_device, null, s_now, mark),
            _nonces.Issue(s_device, null, s_now.AddMilliseconds(1), mark)
        );
    }

    [Fact]
    public void Nonces_carry_their_marks_in_whatever_order_they_are_made_and_rise()
    {
        var random = Seed.New(output);
        BootId? current = null;
        for (var i = 0; i < 2000; i++)
        {
            var image = new LayerId(new Guid(random.Next(), 0, 0, new byte[8]));
            var mark =
                random.Next(4) == 0 ? default : ScriptMark.Of(s_disk, image, random.Next(3), random.Next(2) == 0);
            var nonce = _nonces.Issue(s_device, current, s_now.AddMilliseconds(random.Next(-100_000, 100_000)), mark);
            Assert.Equal(mark, BootNonce.MarkOf(nonce));
            Assert.True(_nonces.Verify(s_device, nonce));
            Assert.True(current is not { } before || BootNonce.OrdinalOf(nonce) > BootNonce.OrdinalOf(before));
            current = nonce;
        }
    }
}
