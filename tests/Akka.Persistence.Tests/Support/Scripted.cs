using System.Threading.Channels;
using Akka.Actor;

namespace Akka.Persistence.Tests.Support;

/// <summary>A persistent actor that a test gives its code to.</summary>
public sealed class Scripted : ReceivePersistentActor, IWithTimers
{
    public Scripted(string persistenceId, ChannelWriter<string> told, Action<Scripted> script)
    {
        PersistenceId = persistenceId;
        Told = told;
        script(this);
    }

    public override string PersistenceId { get; }

    public ChannelWriter<string> Told { get; }

    public ITimerScheduler Timers { get; set; } = null!;

    public IActorRef Asker => Sender;

    public static Props Props(string id, Told told, Action<Scripted> script) =>
        Akka.Actor.Props.Create(() => new Scripted(id, told.Writer, script));

    public void On<T>(Action<T> handler) => Command(handler);

    public void OnAsync<T>(Func<T, Task> handler) => CommandAsync(handler);

    public void OnRecovered<T>(Action<T> handler) => Recover(handler);

    public void Switch(Action configure) => Become(configure);

    public void UseJournal(string pluginId) => JournalPluginId = pluginId;

    public void UseSnapshotStore(string pluginId) => SnapshotPluginId = pluginId;

    public void Watch(IActorRef other) => Context.Watch(other);

    public void Tell(string what) => Told.TryWrite(what);

    protected override void OnRecoveryFailure(Exception reason, object? message = null) =>
        Tell($"recovery failed: {reason.GetType().Name}: {reason.Message}");
}
