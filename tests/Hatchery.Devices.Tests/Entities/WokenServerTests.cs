using Hatchery.Disks;

namespace Hatchery.Devices.Tests;

/// <summary>A server that stood still until another one was in its place, and has yet to hear of it: what waited for its entities comes too late.</summary>
public sealed class WokenServerTests : IAsyncLifetime
{
    private FarmFixture _woken = null!;
    private FarmFixture _successor = null!;
    private DeviceId _device;

    public async Task InitializeAsync()
    {
        _woken = await FarmFixture.StartSleepyAsync();
        (_device, _) = await _woken.AddDeviceWithVDiskAsync();
        Assert.IsType<Reply.Done>(await _woken.AskAsync(new PlaceDevice(_device, "one")));
        _successor = await _woken.StartSuccessorAsync();
    }

    public async Task DisposeAsync()
    {
        await _successor.DisposeAsync();
        await _woken.DisposeAsync();
    }

    [Fact]
    public async Task Login_of_the_boot_before_does_not_get_the_session_of_the_boot_that_the_successor_granted()
    {
        var before = Assert.IsType<SessionGrant>(await OpenAsync(_woken, _woken.Nonce(_device), "one"));
        await ConfirmAsync(_woken, before, "one");
        StandStill();
        var granted = Assert.IsType<SessionGrant>(await OpenAsync(_successor, _successor.Nonce(_device), "two"));
        await ConfirmAsync(_successor, granted, "two");
        var row = await RowAsync();

        AssertInDoubt(await OpenAsync(_woken, before.Boot, "one"));
        AssertInDoubt(await _woken.AskAsync(new ConfirmSession(_device, granted.Epoch, "two")));
        Assert.Equal(row, await RowAsync());
    }

    [Fact]
    public async Task Login_that_is_asked_for_again_is_not_answered_from_memory()
    {
        var open = new OpenSession(_device, _woken.Nonce(_device), "one", Request: Guid.NewGuid());
        Assert.IsType<SessionGrant>(await _woken.AskAsync(open));
        StandStill();
        AssertInDoubt(await _woken.AskAsync(open));
    }

    [Fact]
    public async Task Command_is_not_carried_out_though_the_successor_wrote_nothing_in_between()
    {
        StandStill();
        Assert.IsType<Reply.Done>(await _successor.AskAsync(new PlaceDevice(_device, "one")));

        AssertInDoubt(await _woken.AskAsync(new PlaceDevice(_device, "two")));
        await _successor.StartAgainAsync();
        Assert.Equal("one", _successor.Farm.View.Current.Device(_device)!.Placement);
    }

    [Fact]
    public async Task Command_is_not_confirmed_as_done_already_where_the_successor_did_something_else()
    {
        StandStill();
        Assert.IsType<Reply.Done>(await _successor.AskAsync(new PlaceDevice(_device, "two")));

        AssertInDoubt(await _woken.AskAsync(new PlaceDevice(_device, "one")));
    }

    private void StandStill() => _woken.Time.Advance(TimeSpan.FromMinutes(1));

    private Task<Reply> OpenAsync(FarmFixture at, BootId boot, string server) =>
        at.AskAsync(new OpenSession(_device, boot, server));

    private static async Task ConfirmAsync(FarmFixture at, SessionGrant grant, string server) =>
        Assert.IsType<Reply.Done>(await at.AskAsync(new ConfirmSession(grant.Device, grant.Epoch, server)));

    private async Task<(long, Epoch, BootId, string)> RowAsync()
    {
        var row = (await _successor.Farm.Services.Sessions.ReadAsync(_device))!;
        return (row.Revision, row.Epoch, row.Boot, row.Streamer);
    }

    private static void AssertInDoubt(Reply reply)
    {
        var refused = Assert.IsType<Reply.Refused>(reply);
        Assert.Equal(Refusal.Unavailable, refused.Refusal);
        Assert.Contains("stood still", refused.Reason, StringComparison.Ordinal);
    }
}
