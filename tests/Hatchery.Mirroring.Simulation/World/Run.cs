namespace Hatchery.Mirroring.Simulation;

/// <summary>One seed: a device works while faults come and go; then everything is whole again, and the device has to get on, with all copies there.</summary>
internal sealed class Run(int seed, Defect defect = Defect.None, bool trace = false)
{
    private static readonly TimeSpan Faults = TimeSpan.FromSeconds(14);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(80);

    private readonly World _world = new(seed, defect, trace);

    public string? TraceText => _world.TraceText;

    public int Done => _world.Client.Done;

    public int Boots => _world.Client.Boot;

    /// <summary>Throws <see cref="InvariantBrokenException"/> when something is as it must not be.</summary>
    public void Execute()
    {
        _world.Client.Start();
        // Some runs see one fault, some see them fall over each other.
        var pace = new[] { 0.3, 1, 4, 10 }[_world.Random.Next(4)];
        for (
            var at = 0.5 + _world.Random.NextDouble();
            at < Faults.TotalSeconds;
            at += pace * _world.Random.NextDouble()
        )
            _world.Time.At(TimeSpan.FromSeconds(at), Fault);
        While(Faults, () => true);
        Heal();
        var (done, flushes) = (_world.Client.Done, _world.Client.Flushes);
        While(Limit, () => _world.Client.Done < done + 30 || _world.Client.Flushes < flushes + 3 || Settled() is null);
        if (Settled() is not { } session || _world.Client.Done < done + 30)
            throw new InvariantBrokenException(
                $"the device got {_world.Client.Done - done} answers in {Limit - Faults} after all was whole: {World.Describe(_world.Database.Row)}"
            );
        Compare(session);
    }

    /// <summary>A server that still stands still may have an older session.</summary>
    private SimulatedStreamer? Settled() =>
        _world
            .Servers.Select(s => s.Session)
            .FirstOrDefault(s => s is { IsSettled: true } && s.Epoch == _world.Database.Row?.Epoch);

    private void While(TimeSpan end, Func<bool> goOn)
    {
        var steps = 0;
        while (_world.Time.Step(end))
            if (++steps % 64 == 0 && !goOn())
                return;
    }

    private void Heal()
    {
        _world.Trace("all is whole again");
        _world.IsFaulty = false;
        // Somebody has to take what they have.
        while (_world.Servers.Count - _world.Draining.Count < _world.Settings.Copies)
            _world.Draining.Remove(_world.Draining.First());
        if (_world.Target is { } target && _world.Draining.Contains(target))
            _world.Target = null;
        _world.HealNetwork();
        _world.Database.Heal();
        _world.Keeper.Heal();
        foreach (var server in _world.Servers)
        {
            server.Heal();
            server.Freeze(default);
            if (!server.IsUp)
                server.Start();
        }
    }

    /// <summary>Copies are byte for byte the same, as far as both have been told.</summary>
    private void Compare(SimulatedStreamer session)
    {
        var copies = session
            .KnownRow.Members.Select(m => _world.Servers.Single(s => s.Name == m).Copies[session.Layer])
            .ToArray();
        foreach (var (number, segment) in copies[0].Segments)
        foreach (var other in copies.Skip(1))
        {
            if (!other.Segments.TryGetValue(number, out var same))
                continue;
            var length = Math.Min(segment.Length, same.Length);
            World.Require(
                segment.Bytes[..length].SequenceEqual(same.Bytes[..length]),
                $"segment {number} differs between members"
            );
        }
    }

    private void Fault()
    {
        var random = _world.Random;
        var server = _world.Servers[random.Next(_world.Servers.Count)];
        // The one that matters most is hit most.
        if (random.Next(2) == 0 && _world.Servers.FirstOrDefault(s => s.Session is not null) is { } streamer)
            server = streamer;
        var until = _world.Time.Now + _world.Seconds(4);
        switch (random.Next(21))
        {
            case 0 or 1:
                _world.Trace($"FAULT kill {server.Name}");
                server.Kill();
                StartLater(server);
                break;
            case 2:
                _world.Trace($"FAULT {server.Name} loses power");
                LosePower(server);
                break;
            case 3:
                _world.Trace("FAULT all lose power");
                foreach (var each in _world.Servers)
                    LosePower(each);
                break;
            case 4 or 5:
                _world.Trace($"FAULT freeze {server.Name}");
                server.Freeze(until);
                break;
            case 6:
                Cut(server);
                break;
            case 7:
                _world.Trace("FAULT heal the network");
                _world.HealNetwork();
                break;
            case 8:
                _world.Trace("FAULT connections break");
                _world.BreakSome();
                break;
            case 9:
                _world.Trace($"FAULT syncs fail at {server.Name}");
                server.FailSyncs(until);
                break;
            case 10:
                _world.Trace($"FAULT {server.Name} is full");
                server.BeFull(until);
                break;
            case 11:
                _world.Trace($"FAULT {server.Name} has a slow disk");
                server.BeSlow(until);
                break;
            case 12:
                _world.Trace("FAULT the database goes away");
                _world.Database.GoAway(until);
                break;
            case 13 or 14:
                _world.Trace("FAULT the keeper goes away");
                _world.Keeper.GoAway(until);
                break;
            case 15 or 16:
                _world.Trace($"drain {server.Name}");
                _world.Draining.Add(server.Name);
                if (random.Next(2) == 0)
                    _world.Time.After(_world.Seconds(8), () => _world.Draining.Remove(server.Name));
                break;
            case 17:
                LeaveBehind(server);
                break;
            case 18 or 19:
                SwitchOff(until);
                break;
            default:
                var target = _world.Servers[random.Next(_world.Servers.Count)].Name;
                _world.Trace($"move to {target}");
                _world.Target = _world.Draining.Contains(target) ? null : target;
                break;
        }
    }

    /// <summary>The device is off, and servers see to the copies of what it keeps; also one whose view is old, when it is back.</summary>
    private void SwitchOff(TimeSpan until)
    {
        _world.Trace("the device is off");
        _world.Client.SwitchOff(until);
        foreach (var server in _world.Servers)
        {
            if (_world.Random.Next(2) == 0)
                server.Session?.End("the device is off");
            _world.Time.After(
                _world.Seconds(5),
                () =>
                {
                    if (server.IsUp)
                        server.Guarded(() => SimulatedLogin.OpenUnattended(_world, server))();
                }
            );
        }
    }

    private void LosePower(SimulatedServer server)
    {
        if (!server.HasPower)
            return;
        _world.HadPowerLoss = true;
        server.LosePower();
        _world.Ledger.Inspect(server);
        StartLater(server);
    }

    private void StartLater(SimulatedServer server) =>
        _world.Time.After(
            _world.Seconds(4),
            () =>
            {
                if (server.IsUp)
                    return;
                _world.Trace($"start {server.Name}");
                server.Start();
            }
        );

    /// <summary>A server stands still until others have gone on without it, and wakes where nobody can tell it so and the machine reaches nobody else.</summary>
    private void LeaveBehind(SimulatedServer server)
    {
        _world.Trace($"FAULT {server.Name} is left behind");
        var wakes = TimeSpan.FromSeconds(4.5);
        string[] others = [.. _world.Servers.Where(s => s != server).Select(s => s.Name)];
        server.Freeze(_world.Time.Now + wakes);
        foreach (var other in others.Append(World.DatabaseName))
            CutBoth(server.Name, other);
        _world.Time.After(
            wakes,
            () =>
            {
                foreach (var other in others)
                    CutBoth(World.ClientName, other);
                _world.BreakSome();
            }
        );
        _world.Time.After(wakes + TimeSpan.FromSeconds(2.5), _world.HealNetwork);
    }

    private void CutBoth(string one, string other)
    {
        _world.Cut(one, other);
        _world.Cut(other, one);
    }

    /// <summary>Links of one server, in one direction or both, to all others or to one.</summary>
    private void Cut(SimulatedServer server)
    {
        var random = _world.Random;
        string[] others =
        [
            .. _world.Servers.Where(s => s != server).Select(s => s.Name),
            World.DatabaseName,
            World.ClientName,
        ];
        if (random.Next(2) == 0)
            others = [others[random.Next(others.Length)]];
        var oneWay = random.Next(3) == 0;
        _world.Trace($"FAULT cut {server.Name} -> {string.Join(",", others)}{(oneWay ? "" : " and back")}");
        foreach (var other in others)
        {
            _world.Cut(server.Name, other);
            if (!oneWay)
                _world.Cut(other, server.Name);
        }
        _world.Time.After(_world.Seconds(4), _world.HealNetwork);
    }
}
