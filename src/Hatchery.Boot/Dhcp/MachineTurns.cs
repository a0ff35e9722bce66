using Hatchery.Wire;

namespace Hatchery.Boot.Dhcp;

/// <summary>Messages of different machines are handled side by side, those of one machine in the order in which they came: a
/// release must not overtake, nor be overtaken by, what the machine says next. All of it is bounded; what has no room is dropped,
/// and its machine sends again.</summary>
internal sealed class MachineTurns
{
    /// <summary>A machine that has more unanswered only repeats itself.</summary>
    public const int MachineMax = 4;

    private readonly Lock _gate = new();
    private readonly Dictionary<MacAddress, Queue<Func<Task>>> _machines = [];
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _ends;

    /// <summary>Messages that run or wait.</summary>
    public int Count { get; private set; }

    /// <summary>The most that there were at once.</summary>
    public int Peak { get; private set; }

    /// <summary>Begins now or after the machine's earlier ones; false: no room.</summary>
    /// <param name="max">How many of all machines there may be with this one.</param>
    /// <param name="work">Does not throw.</param>
    public bool TryBegin(MacAddress mac, int max, Func<Task> work)
    {
        lock (_gate)
        {
            if (_ends || Count >= max)
                return false;
            if (_machines.TryGetValue(mac, out var later))
            {
                if (later.Count >= MachineMax - 1)
                    return false;
                later.Enqueue(work);
            }
            else
            {
                _machines[mac] = new();
                _ = RunAsync(mac, work);
            }
            Count++;
            Peak = Math.Max(Peak, Count);
            return true;
        }
    }

    /// <summary>Begins nothing more, and waits for what has begun.</summary>
    public Task EndAsync()
    {
        lock (_gate)
        {
            _ends = true;
            if (Count == 0)
                _idle.TrySetResult();
        }
        return _idle.Task;
    }

    private async Task RunAsync(MacAddress mac, Func<Task> first)
    {
        await Task.Yield();
        for (var work = first; work is not null; work = Next(mac))
            await work();
    }

    private Func<Task>? Next(MacAddress mac)
    {
        lock (_gate)
        {
            Count--;
            if (_ends && Count == 0)
                _idle.TrySetResult();
            if (_machines[mac].TryDequeue(out var next))
                return next;
            _machines.Remove(mac);
            return null;
        }
    }
}
