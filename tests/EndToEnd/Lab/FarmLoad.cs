using System.Globalization;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>
/// Operators and machines that use a farm without pause: commands through one server after the other, and machines that write to their
/// disks and read back what they wrote, and boot again when their server is gone.
/// </summary>
internal sealed class FarmLoad : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(180);

    private readonly FarmLab _farm;
    private readonly ITestOutputHelper _output;
    private readonly CancellationTokenSource _ending = new();
    private readonly List<Task> _work = [];
    private readonly int[] _runs;
    private int _commands;
    private int _refused;
    private int _reconnects;
    private volatile IReadOnlyList<string> _away = [];

    private FarmLoad(FarmLab farm, int machines, ITestOutputHelper output) =>
        (_farm, _runs, _output) = (farm, new int[machines], output);

    /// <summary>Servers that are known to be down: nobody turns to them.</summary>
    public IReadOnlyList<string> Away
    {
        get => _away;
        set => _away = value;
    }

    public static async Task<FarmLoad> StartAsync(FarmLab farm, int machines, ITestOutputHelper output)
    {
        var load = new FarmLoad(farm, machines, output);
        for (var i = 1; i <= machines; i++)
            await farm.AddDeviceAsync("alpha", i);
        load._work.Add(Task.Run(load.OperateAsync));
        for (var i = 0; i < machines; i++)
        {
            var number = i;
            load._work.Add(Task.Run(() => RunAsync(load, number)));
        }
        await load.GoesOnAsync();
        return load;

        static Task RunAsync(FarmLoad load, int number) => load.MachineAsync(number);
    }

    /// <summary>Waits until, from now on, an operator's command was carried out and each machine wrote and read.</summary>
    public async Task GoesOnAsync()
    {
        var commands = Volatile.Read(ref _commands);
        var runs = _runs.ToArray();
        await Eventually.TrueAsync(
            () =>
                Volatile.Read(ref _commands) > commands
                && runs.Select((before, i) => Volatile.Read(ref _runs[i]) > before).All(on => on),
            s_limit
        );
    }

    /// <summary>Ends it; whatever was wrong comes out here.</summary>
    public async Task EndAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_work);
        _output.WriteLine(
            $"{_commands} commands, {_refused} failed; {_runs.Sum()} runs of machines, {_reconnects} of them in vain"
        );
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
    }

    private async Task OperateAsync()
    {
        for (var number = 0; !_ending.IsCancellationRequested; number++)
        {
            string[] servers = [.. _farm.Servers.Keys.Except(Away)];
            var at = _farm.Servers[servers[number % servers.Length]];
            var arguments = $"number={number.ToString(CultureInfo.InvariantCulture)}";
            var answer = await at.TryPbmAsync("device", "set", BootLab.MachineName(1), "--arguments", arguments);
            Interlocked.Increment(ref answer.ExitCode == 0 ? ref _commands : ref _refused);
        }
    }

    private async Task MachineAsync(int number)
    {
        while (!_ending.IsCancellationRequested)
        {
            string[] servers = [.. _farm.Servers.Keys.Except(Away)];
            var script = await _farm.TryScriptAsync(servers[number % servers.Length], number + 1);
            if (script is not { } boot)
                continue;
            // What one session wrote is there as long as it is the same boot.
            for (var isOpen = true; isOpen && !_ending.IsCancellationRequested; )
            {
                var uri = $"nbd://{FarmLab.AddressOf(boot.Servers[0])}/{boot.Export}";
                string[] io = ["-c", "write -P 7 0 64k", "-c", "flush", "-c", "read -P 7 0 64k"];
                var run = await _farm.ClientAsync("qemu-io", ["-f", "raw", .. io, uri]);
                Assert.DoesNotContain("Pattern verification failed", run.Output + run.Errors, StringComparison.Ordinal);
                isOpen = run.ExitCode == 0;
                Interlocked.Increment(ref isOpen ? ref _runs[number] : ref _reconnects);
            }
        }
    }
}
