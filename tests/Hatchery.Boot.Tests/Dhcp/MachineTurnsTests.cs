using System.Collections.Concurrent;
using Hatchery.Boot.Dhcp;
using Hatchery.Wire;

namespace Hatchery.Boot.Tests.Dhcp;

public sealed class MachineTurnsTests
{
    private static readonly MacAddress s_first = new(1);
    private static readonly MacAddress s_second = new(2);
    private readonly MachineTurns _turns = new();

    [Fact]
    public async Task Messages_of_one_machine_follow_each_other_while_another_goes_on()
    {
        var (log, gate) = (new ConcurrentQueue<string>(), new TaskCompletionSource());
        Assert.True(_turns.TryBegin(s_first, 10, () => gate.Task));
        Assert.True(_turns.TryBegin(s_first, 10, () => Write("second")));
        Assert.True(_turns.TryBegin(s_first, 10, () => Write("third")));
        var other = new TaskCompletionSource();
        Assert.True(_turns.TryBegin(s_second, 10, () => Write("other").ContinueWith(_ => other.SetResult())));
        await other.Task;
        Assert.Equal(["other"], log);
        gate.SetResult();
        await _turns.EndAsync();
        Assert.Equal(["other", "second", "third"], log);

        Task Write(string what)
        {
            log.Enqueue(what);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task There_is_a_limit_for_a_machine_and_one_for_all()
    {
        var gate = new TaskCompletionSource();
        for (var i = 0; i < MachineTurns.MachineMax; i++)
            Assert.True(_turns.TryBegin(s_first, 100, () => gate.Task));
        Assert.False(_turns.TryBegin(s_first, 100, () => gate.Task));
        Assert.False(_turns.TryBegin(s_second, MachineTurns.MachineMax, () => gate.Task));
        Assert.Equal(MachineTurns.MachineMax, _turns.Count);
        gate.SetResult();
        await _turns.EndAsync();
        Assert.Equal(0, _turns.Count);
    }

    [Fact]
    public async Task After_the_end_nothing_begins()
    {
        await _turns.EndAsync();
        Assert.False(_turns.TryBegin(s_first, 100, () => Task.CompletedTask));
    }
}
