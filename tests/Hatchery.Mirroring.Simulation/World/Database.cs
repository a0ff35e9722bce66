namespace Hatchery.Mirroring.Simulation;

/// <summary>The farm database: one row, compare-and-swap, answers that come late or never, calls that are carried out long after they were given up.</summary>
internal sealed class Database(World world)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(400);

    private TimeSpan _awayUntil;

    public SessionRow? Row { get; private set; }

    public bool IsAway => _awayUntil > world.Time.Now;

    public void GoAway(TimeSpan until) => _awayUntil = until;

    public void Read(string from, Action<RowAnswer> answer) => Call(from, () => new RowAnswer.Is(Row), answer);

    public void Swap(string from, SessionRow row, Action<RowAnswer> answer) =>
        Call(from, () => Swap(from, row), answer);

    public void Heal() => _awayUntil = default;

    private RowAnswer Swap(string from, SessionRow row)
    {
        if (row.Revision != (Row?.Revision ?? 0) && !world.Has(Defect.RevisionIsNotCompared))
            return new RowAnswer.Changed();
        Row = row with { Revision = (Row?.Revision ?? 0) + 1 };
        world.Trace($"database: {World.Describe(Row)} by {from}");
        return new RowAnswer.Is(Row);
    }

    private void Call(string from, Func<RowAnswer> carryOut, Action<RowAnswer> answer)
    {
        var isAnswered = false;
        world.Time.After(Patience, () => Answer(new RowAnswer.Unknown()));
        // Now and then a request lies somewhere for long, or its answer gets lost.
        var delay = world.IsFaulty && world.Random.Next(20) == 0 ? world.Seconds(6) : world.Delay();
        world.Time.After(
            delay,
            () =>
            {
                if (IsAway || world.IsCut(from, World.DatabaseName))
                    return;
                var result = carryOut();
                if (!world.IsFaulty || world.Random.Next(20) > 0)
                    world.Time.After(world.Delay(), () => Answer(result));
            }
        );

        void Answer(RowAnswer result)
        {
            if (isAnswered)
                return;
            isAnswered = true;
            answer(result);
        }
    }
}
