using Hatchery.Disks;

namespace Hatchery.Mirroring.Simulation;

/// <summary>
/// The device's keeper, on any server that is up, and on two at once where it has to move: the row alone says who is right. While it is away, what
/// it is asked is lost, or waits for it.
/// </summary>
internal sealed class SimulatedKeeper(World world)
{
    private TimeSpan _awayUntil;

    public void GoAway(TimeSpan until) => _awayUntil = until;

    public void Heal() => _awayUntil = default;

    /// <param name="answer">Null: it refuses.</param>
    public void Open(SimulatedAsk ask, Action<KeeperAnswer?> answer)
    {
        var isAway = _awayUntil > world.Time.Now;
        if (
            Place() is not { } keeper
            || (isAway && world.Random.Next(2) == 0)
            || (keeper.Name != ask.Server && world.IsCut(ask.Server, keeper.Name))
        )
            return;
        var name = keeper.Name;
        world.Time.After(
            isAway ? _awayUntil - world.Time.Now : world.Delay(),
            keeper.Guarded(() =>
                world.Database.Read(
                    name,
                    keeper.Guarded<RowAnswer>(read =>
                        Decide(
                            keeper,
                            ask,
                            read,
                            said =>
                            {
                                if (name == ask.Server || !world.IsCut(name, ask.Server))
                                    answer(said);
                            }
                        )
                    )
                )
            )
        );
    }

    public void Choose(string? target, SessionRow row, Action<string?> answer)
    {
        var others = world
            .Servers.Where(s => !row.HasMember(s.Name) && s.IsUp && !world.Draining.Contains(s.Name))
            .ToArray();
        var chosen = target ?? (others.Length == 0 ? null : others[world.Random.Next(others.Length)].Name);
        world.Time.After(world.Delay(), () => answer(chosen));
    }

    public void Add(string server, Epoch epoch, long revision, Action<RowAnswer> answer)
    {
        if (Place() is not { } keeper)
        {
            world.Time.After(world.Seconds(1), () => answer(new RowAnswer.Unknown()));
            return;
        }
        // A message between servers may be under way for long.
        var delay = world.IsFaulty && world.Random.Next(3) == 0 ? world.Seconds(3) : world.Delay();
        world.Time.After(TimeSpan.FromSeconds(1), () => answer(new RowAnswer.Unknown()));
        world.Time.After(
            delay,
            keeper.Guarded(() =>
                world.Database.Read(
                    keeper.Name,
                    keeper.Guarded<RowAnswer>(read =>
                    {
                        if (read is not RowAnswer.Is { Row: { } row })
                        {
                            answer(read);
                            return;
                        }
                        var at = world.Has(Defect.MemberIsAddedAtAnyRevision) ? row.Revision : revision;
                        if (SessionRules.WithMember(row, epoch, at, server) is { } wanted)
                            world.Database.Swap(keeper.Name, wanted, keeper.Guarded(answer));
                        else
                            answer(read);
                    })
                )
            )
        );
    }

    private SimulatedServer? Place()
    {
        var up = world.Servers.Where(s => s.IsUp).ToArray();
        return up.Length == 0 ? null : up[world.Random.Next(up.Length)];
    }

    private void Decide(SimulatedServer keeper, SimulatedAsk ask, RowAnswer read, Action<KeeperAnswer?> answer)
    {
        var (asker, boot) = (ask.Server, ask.Boot);
        if (
            read is not RowAnswer.Is { Row: var row }
            || (row?.Epoch > ask.Seen && !world.Has(Defect.LateAskIsCarriedOut))
            || (ask.Follows is { } follows && !(row is { Phase: SessionPhase.Open } && row.Epoch == follows))
        )
        {
            answer(null);
            return;
        }
        var current = row is null ? 0 : World.BootOf(row.Boot);
        SessionRow? wanted;
        if (current > boot)
        {
            answer(null);
            return;
        }
        if (
            row is not null
            && current == boot
            && row.Phase != SessionPhase.Booting
            && ask.Follows is null
            && world.PreferredOf(row) is { } next
            && next != asker
            // The device may have been there in vain.
            && world.Random.Next(4) != 0
        )
        {
            answer(new(null, next));
            return;
        }
        if (row is null || current < boot || row.Phase == SessionPhase.Booting)
            wanted = SessionRules.Boot(default, row, default, World.Boot(boot), asker, [default, world.NewLayer()]);
        else if ((wanted = SessionRules.Reopen(row, default, asker)) is null)
        {
            answer(new(null, row.Members[world.Random.Next(row.Members.Length)]));
            return;
        }
        world.Database.Swap(
            keeper.Name,
            wanted,
            keeper.Guarded<RowAnswer>(swapped =>
            {
                World.Require(
                    swapped is not RowAnswer.Is || !ask.HasGoneOn,
                    $"its keeper ended the session that {asker} had opened without it"
                );
                answer(swapped is RowAnswer.Is { Row: { } granted } ? new(granted, null) : null);
            })
        );
    }
}

internal sealed record KeeperAnswer(SessionRow? Row, string? Elsewhere);
