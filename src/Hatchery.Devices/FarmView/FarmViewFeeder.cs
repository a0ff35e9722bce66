using Akka.Actor;
namespace Hatchery.Devices;
public sealed class FarmViewFeeder(FarmView view, string checkpointPath) : ReceiveActor
{
    public static Props Props(FarmView view, string checkpointPath) => Akka.Actor.Props.Create(() => new FarmViewFeeder(view, checkpointPath));
    protected override void PostStop() => view.Save(checkpointPath);
}
