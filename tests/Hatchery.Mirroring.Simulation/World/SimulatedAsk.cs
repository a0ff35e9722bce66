using Hatchery.Disks;

namespace Hatchery.Mirroring.Simulation;

/// <summary>The way of one login to its keeper's word, or past a keeper that does not answer to the row itself.</summary>
/// <param name="follows">The epoch that the server was told to follow: its keeper alone is asked, once; null: a device logs in.</param>
internal sealed class SimulatedAsk(
    World world,
    SimulatedServer server,
    int boot,
    Epoch? follows,
    Action<KeeperAnswer?> answer
)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan TakePatience = TimeSpan.FromSeconds(1);

    private int _round;

    public string Server => server.Name;

    public int Boot => boot;

    public Epoch? Follows => follows;

    /// <summary>The epoch of the row when the keeper was asked; null: not known.</summary>
    public Epoch? Seen { get; private set; }

    /// <summary>The row is in a newer epoch, and it was not the keeper who raised it.</summary>
    public bool HasGoneOn { get; private set; }

    public void Begin()
    {
        if (follows is not null)
        {
            var once = Ask();
            world.Time.After(TakePatience, server.Guarded(() => GiveUp(once)));
            return;
        }
        world.Database.Read(
            Server,
            server.Guarded<RowAnswer>(read =>
            {
                Seen = (read as RowAnswer.Is)?.Row?.Epoch;
                var round = Ask();
                if (Seen is not null)
                    world.Time.After(Patience, server.Guarded(() => GoOn(round)));
            })
        );
    }

    private int Ask()
    {
        var round = ++_round;
        world.Keeper.Open(
            this,
            server.Guarded<KeeperAnswer?>(said =>
            {
                if (round != _round)
                    return;
                _round++;
                answer(said);
            })
        );
        return round;
    }

    private void GiveUp(int round)
    {
        if (round != _round)
            return;
        _round++;
        answer(null);
    }

    private void GoOn(int round)
    {
        if (round != _round)
            return;
        // What the keeper says from now on comes too late.
        _round++;
        world.Database.Read(
            Server,
            server.Guarded<RowAnswer>(read =>
            {
                if (read is RowAnswer.Is { Row: { } row } && MayGoOn(row))
                    GoOn(row);
                else
                    Ask();
            })
        );
    }

    private bool MayGoOn(SessionRow row) =>
        world.Has(Defect.NonceIsNotLookedAt) ? row.Phase != SessionPhase.Booting
        : world.Has(Defect.BootThatNeverWasGoesOn) ? row.Boot == World.Boot(boot)
        : SessionRules.GoesOn(row, World.Boot(boot));

    private void GoOn(SessionRow row)
    {
        if (world.PreferredOf(row) is { } next && next != Server && world.Random.Next(4) != 0)
        {
            answer(new(null, next));
            return;
        }
        if (SessionRules.Reopen(row, default, Server) is not { } wanted)
        {
            answer(new(null, row.Members[world.Random.Next(row.Members.Length)]));
            return;
        }
        world.Database.Swap(
            Server,
            wanted,
            server.Guarded<RowAnswer>(swapped =>
            {
                if (swapped is not RowAnswer.Is { Row: { } taken })
                {
                    Ask();
                    return;
                }
                world.Trace($"{Server}: goes on without its keeper");
                HasGoneOn = true;
                answer(new(taken, null));
            })
        );
    }
}
