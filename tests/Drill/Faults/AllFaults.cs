namespace Drill;

internal static class AllFaults
{
    public static IReadOnlyList<Fault> InOrder { get; } =
    [
        new KillStreamer(),
        new KillMirror(),
        new KillKeeper(),
        new KillBoth(),
        new Freeze(),
        new CutOff(),
        new Stop(),
        new Drain(),
        new SyncsFail(),
        new NoSpace(),
        new StoreLost(),
        new Rejoin(),
        new DatabaseAway(),
        new DatabaseAndMirror(),
        new Twice(),
        new KillAll(),
    ];
}
