using Hatchery.Boot.Dhcp;

namespace Hatchery.Boot.Tests.Dhcp;

public sealed class LeaseHintsTests
{
    [Fact]
    public async Task Those_who_ask_at_once_share_one_reading_and_the_next_reads_again()
    {
        var (hints, reads) = (new LeaseHints(), 0);
        var rows = new TaskCompletionSource<IReadOnlyDictionary<uint, LeaseEnd>>();
        Task<IReadOnlyDictionary<uint, LeaseEnd>> Ask() =>
            hints.ReadAsync(
                isFresh: true,
                DateTimeOffset.UnixEpoch,
                () =>
                {
                    Interlocked.Increment(ref reads);
                    return rows.Task;
                },
                CancellationToken.None
            );

        var crowd = Enumerable.Range(0, 100).Select(_ => Ask()).ToArray();
        rows.SetResult(new Dictionary<uint, LeaseEnd> { [7] = new(DateTimeOffset.UnixEpoch, LeaseState.Bound) });
        Assert.All(await Task.WhenAll(crowd), ends => Assert.True(ends.ContainsKey(7)));
        Assert.Equal(1, reads);
        await Ask();
        Assert.Equal(2, reads);
    }
}
