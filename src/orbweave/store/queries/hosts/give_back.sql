update hosts set holds = array_remove(holds, $2) where host = $1
