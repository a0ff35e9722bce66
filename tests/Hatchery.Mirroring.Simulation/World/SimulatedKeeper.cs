using Hatchery.Disks;

namespace Hatchery.Mirroring.Simulation;

/// <summary>The device's keeper, on any server that is up, and on two at once where it has to move: the row alone says who is right.</summary>
internal sealed class SimulatedKeeper(World world)
{
    /// <param name="answer">Null: it did not answer, or refuses.</param>
    public void Open(string asker, int boot, Action<KeeperAnswer?> answer)
    {
        if (Place() is not { } keeper)
            return;
        var name = keeper.Name;
        world.Time.After(
            world.Delay(),
            keeper.Guarded(() =>
                world.Database.Read(name, keeper.Guarded<RowAnswer>(read => Decide(keeper, asker, boot, read, answer)))
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

    private void Decide(SimulatedServer keeper, string asker, int boot, RowAnswer read, Action<KeeperAnswer?> answer)
    {
        if (read is not RowAnswer.Is { Row: var row })
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
                answer(swapped is RowAnswer.Is { Row: { } granted } ? new(granted, null) : null)
            )
        );
    }
}

internal sealed record KeeperAnswer(SessionRow? Row, string? Elsewhere);
