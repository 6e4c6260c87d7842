/** What the game's ends say to each other. */

export interface Position {
  x: number;
  y: number;
}

export interface ClientToServerEvents {
  move: (by: Position) => void;
  shoot: (at: Position, callback: (result: { hit: boolean; score: number }) => void) => void;
  spectate: () => void;
}

export interface ServerToClientEvents {
  world: (tick: number, players: Record<string, Position>) => void;
  "your turn": (round: number, callback: (move: "rock" | "paper" | "scissors") => void) => void;
  ready: (callback: (name: string) => void) => void;
  map: (tiles: Uint8Array) => void;
  over: () => void;
}

export interface InterServerEvents {
  started: (game: string) => void;
}

export interface SocketData {
  name: string;
  position: Position;
  score: number;
}

export interface LobbyToClientEvents {
  games: (names: string[]) => void;
}

export interface ClientToLobbyEvents {
  open: (name: string, callback: (error: string | null, path?: string) => void) => void;
}
