using Hatchery.Disks;
using Hatchery.Wire;

namespace Hatchery.Devices.Tests;

public sealed class ManyDevicesTests : IAsyncLifetime
{
    private const int Devices = 400;
    private const int AtOnce = 16;

    private FarmFixture _farm = null!;

    public async Task InitializeAsync() => _farm = await FarmFixture.StartAsync();

    public async Task DisposeAsync() => await _farm.DisposeAsync();

    [Fact]
    public async Task Devices_that_were_added_at_once_are_there_by_the_journal_and_by_the_checkpoint()
    {
        await Parallel.ForAsync(
            0,
            Devices,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (i, _) =>
                Assert.IsType<Reply.Done>(
                    await _farm.Devices.AddAsync($"pc{i}", [new MacAddress(0x525400000000 + (ulong)i)])
                )
        );
        var added = All();
        Assert.Equal(Devices, added.Length);

        await _farm.StopAsync();
        File.Delete(_farm.CheckpointPath);
        await _farm.StartAgainAsync();
        Assert.Equal(added, All());

        // What the journal has is not read again, so it has to be in the checkpoint.
        await _farm.StopAsync();
        var saved = new FarmView();
        Assert.True(saved.TryLoad(_farm.CheckpointPath));
        Assert.Equal(_farm.Farm.View.Current.Offset, saved.Current.Offset);
        await _farm.StartAgainAsync();
        Assert.Equal(added, All());
    }

    private (DeviceId Id, string Name, MacAddress Mac)[] All() =>
        [.. _farm.Farm.View.Current.Devices.Select(d => (d.Id, d.Name, d.Macs.Single()))];
}
