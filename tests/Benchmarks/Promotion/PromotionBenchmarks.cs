using System.Globalization;

namespace Hatchery.Benchmarks;

/// <summary>
/// What it costs machines that run when a version is added, promoted, tried by a canary and taken back beneath them; before each of these they are left
/// alone for as long, which shows what else the computer is busy with.
/// </summary>
internal static class PromotionBenchmarks
{
    private const int Machines = 1000;
    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(100);

    /// <param name="sizes">Machines, and seconds of each span of time.</param>
    public static async Task<int> RunAsync(IReadOnlyList<string> sizes)
    {
        var machines = sizes.Count > 0 ? int.Parse(sizes[0], CultureInfo.InvariantCulture) : Machines;
        var span = TimeSpan.FromSeconds(sizes.Count > 1 ? int.Parse(sizes[1], CultureInfo.InvariantCulture) : 15);
        var isSoonFound = VersionBenchmarks.Run();
        await using var farm = await PromotionFarm.StartAsync();
        var crowd = await farm.BootAsync(machines);
        var isQuick = await MeasureAsync(farm, crowd, span);
        foreach (var machine in crowd)
            await machine.DisposeAsync();
        return isSoonFound && isQuick ? 0 : 1;
    }

    private static async Task<bool> MeasureAsync(PromotionFarm farm, PacedMachine[] crowd, TimeSpan span)
    {
        var current = new Waiting();
        foreach (var machine in crowd)
            machine.Run(() => Volatile.Read(ref current));
        string[] version = ["vdisk", "version"];
        var files = await farm.FilesAsync(2);
        (string What, string[] Command)[] steps =
        [
            ("added, copied to all", [.. version, "create", PromotionFarm.VDisk, "--file", .. files]),
            ("to test, with proof", [.. version, "promote", PromotionFarm.VDisk]),
            ("canary", [.. version, "promote", PromotionFarm.VDisk, "--canary", "10%"]),
            ("to production", [.. version, "promote", PromotionFarm.VDisk]),
            ("reverted", [.. version, "revert", PromotionFarm.VDisk]),
            ("to production again", [.. version, "promote", PromotionFarm.VDisk]),
        ];
        Console.WriteLine(
            $"""

            {crowd.Length} machines that run, half of which keep their write caches; milliseconds: median, 99.9 %, longest
                                   reads and writes        left alone before         flushes                 left alone before
            """
        );
        Waited? alone = null;
        Waited? meanwhile = null;
        // What has to be compiled is; nobody's first request counts.
        await SpanAsync(() => Task.CompletedTask);
        foreach (var (what, command) in steps)
        {
            var before = await SpanAsync(() => Task.CompletedTask);
            var during = await SpanAsync(() => farm.CommandAsync(command));
            (alone, meanwhile) = (alone?.And(before) ?? before, meanwhile?.And(during) ?? during);
            Console.WriteLine(
                $"{what, -20} {during.Requests} {before.Requests}   {during.Flushes} {before.Flushes}   {during.Requests.Count + during.Flushes.Count} requests"
            );
        }
        var isQuick = IsQuick("reads and writes", w => w.Requests) & IsQuick("flushes", w => w.Flushes);
        return isQuick;

        bool IsQuick(string what, Func<Waited, Percentiles> of)
        {
            var (with, without) = (of(meanwhile!).Longest, of(alone!).Longest);
            var isWithin = with <= without + s_limit;
            Console.WriteLine(
                FormattableString.Invariant(
                    $"{what}: longest {with.TotalMilliseconds:0} ms, {without.TotalMilliseconds:0} ms when left alone; at most {s_limit.TotalMilliseconds:0} ms more: {(isWithin ? "kept" : "BROKEN")}"
                )
            );
            return isWithin;
        }

        async Task<Waited> SpanAsync(Func<Task> work)
        {
            var waiting = new Waiting();
            Volatile.Write(ref current, waiting);
            await Task.WhenAll(work(), Task.Delay(span));
            Volatile.Write(ref current, new());
            return await waiting.AnsweredAsync();
        }
    }
}
